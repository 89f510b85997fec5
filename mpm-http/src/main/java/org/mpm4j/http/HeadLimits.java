package org.mpm4j.http;

/// How large the head of a request may be.
///
/// @param line bytes of the first line
/// @param fields how many header fields
/// @param fieldSize bytes of one header field
/// @param head bytes of the first line and all fields together
public record HeadLimits(int line, int fields, int fieldSize, int head) {}
