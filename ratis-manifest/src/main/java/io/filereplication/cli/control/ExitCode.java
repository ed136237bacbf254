package io.filereplication.cli.control;

/** How a command ends, for scripts. A number is never given another meaning. */
public enum ExitCode {
    OK(0, "done"),
    FAILED(1, "it failed; the sentence says why"),
    USAGE(2, "the command line or a setting is wrong; nothing was done"),
    NOT_FOUND(3, "no such file is registered"),
    NOT_HERE(4, "the file is registered, but its bytes are not on this node"),
    REFUSED(5, "the manifest refused the change; nothing was done"),
    UNKNOWN(6, "the cluster did not answer in time: the change may have been made, or may still be"),
    NO_NODE(7, "no node answers at the control socket"),
    NOT_WELL(8, "the node has a problem, is not caught up, or files stay damaged or missing"),
    TIMED_OUT(9, "what was waited for did not happen in time; it may still");

    private final int number;
    private final String meaning;

    ExitCode(int number, String meaning) {
        this.number = number;
        this.meaning = meaning;
    }

    public int number() {
        return number;
    }

    /** For the table in the help and in the documents. */
    public String meaning() {
        return meaning;
    }

    /** The code with that number; {@link #FAILED} for one of another build. */
    public static ExitCode of(int number) {
        for (ExitCode code : values()) {
            if (code.number == number) {
                return code;
            }
        }
        return FAILED;
    }
}
