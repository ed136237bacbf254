package io.filereplication.simulation;

import java.util.ArrayList;
import java.util.List;

/** Something that tasks wait for. It carries nothing: whoever is woken looks again. Touched with the baton only. */
final class Signal {
    final List<Task> waiting = new ArrayList<>();
}
