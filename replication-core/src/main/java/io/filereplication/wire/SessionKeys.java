package io.filereplication.wire;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.crypto.spec.SecretKeySpec;

/** The keys of one session, one for each kind of message. Immutable; never shown. */
final class SessionKeys {
    static final List<MessageKind> KINDS = List.of(
            MessageKind.REQUEST,
            MessageKind.ACKNOWLEDGEMENT,
            MessageKind.REFUSAL,
            MessageKind.FRAME,
            MessageKind.WAIT,
            MessageKind.TRAILER);

    private final Map<MessageKind, SecretKeySpec> keys;

    SessionKeys(Map<MessageKind, SecretKeySpec> keys) {
        this.keys = keys;
    }

    /** A tagger of the caller's own for this kind. */
    Tagger tagger(MessageKind kind) {
        return new Tagger(key(kind));
    }

    /** The key of this kind, one of {@link #KINDS}. */
    SecretKeySpec key(MessageKind kind) {
        return Objects.requireNonNull(keys.get(kind), "No key for this kind");
    }

    @Override
    public String toString() {
        return "session keys";
    }
}
