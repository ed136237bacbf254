package io.filereplication.pull;

import io.filereplication.Membership;
import io.filereplication.fetch.Fetcher;
import io.filereplication.fetch.PeerResolver;
import java.util.Objects;

/**
 * How a puller reaches its peers.
 *
 * @param fetcher exchanges bytes with one peer, and lets the resolver know what it saw of it
 * @param resolver which peers to ask, the best first
 * @param membership who would have to be asked before a file is called unavailable
 */
public record PullerPeers(Fetcher fetcher, PeerResolver resolver, Membership membership) {
    public PullerPeers {
        Objects.requireNonNull(fetcher, "fetcher");
        Objects.requireNonNull(resolver, "resolver");
        Objects.requireNonNull(membership, "membership");
    }
}
