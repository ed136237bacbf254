/**
 * Fuzzing: what each target must hold for any input is checked by the target itself. {@code CorpusTest} runs the committed
 * inputs and small changes of them with every build; the Maven profile {@code fuzz} lets Jazzer look for new ones.
 */
package io.filereplication.fuzz;
