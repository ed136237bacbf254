package io.filereplication.wire;

/** What a server finds in one place of a request. */
public sealed interface RequestedItem permits WantedRange, RequestedItem.Unacceptable {
    /** The place holds something that no version allows, or that needs a newer one: it is refused with {@code code}. */
    record Unacceptable(RefusalCode code) implements RequestedItem {}
}
