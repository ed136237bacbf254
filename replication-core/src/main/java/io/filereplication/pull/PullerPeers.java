package io.filereplication.pull;

import io.filereplication.Membership;
import io.filereplication.fetch.Fetcher;
import io.filereplication.fetch.PeerObserver;
import io.filereplication.fetch.PeerResolver;
import java.util.Objects;

/**
 * How a puller reaches its peers.
 *
 * @param fetcher exchanges bytes with one peer
 * @param resolver which peers to ask, the best first
 * @param membership who would have to be asked before a file is called unavailable
 * @param observer is told what the puller made of each outcome
 */
public record PullerPeers(Fetcher fetcher, PeerResolver resolver, Membership membership, PeerObserver observer) {
    public PullerPeers {
        Objects.requireNonNull(fetcher, "fetcher");
        Objects.requireNonNull(resolver, "resolver");
        Objects.requireNonNull(membership, "membership");
        Objects.requireNonNull(observer, "observer");
    }
}
