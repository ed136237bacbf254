package io.filereplication.simulation;

/** The process that the task belongs to has been killed: thrown at every port call, so that the task unwinds and ends. */
final class ProcessEndedError extends Error {
    private static final long serialVersionUID = 1L;

    ProcessEndedError(String process) {
        super(process + " is no more", null, false, false);
    }
}
