package io.filereplication.wire;

import java.nio.ByteBuffer;

/**
 * What a genuine hello gets.
 *
 * @param answer the whole message; read-only
 * @param opensSession whether this very hello opened a session now. Of any one hello that is so once, whoever sends it; an answer
 *     for which it is not so is had again and again by whoever recorded the hello: that of a repeated one, or that there is no room
 *     or no common version
 */
public record AnsweredHello(ByteBuffer answer, boolean opensSession) {}
