package io.filereplication.demo;

import java.util.List;

/** Where the demo tells what happens. Used by one thread. */
interface ProgressDisplay {
    /** A sentence that stays. */
    void say(String line);

    /** How far the nodes are now; called several times a second, shown as often as is good for a reader. */
    void show(List<NodeProgress> nodes);

    /** Nothing is in progress any more. */
    void pause();
}
