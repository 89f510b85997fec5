package org.mpm4j.comparison;

import java.util.Locale;

/// What the clients do.
enum Scenario {
  KEEP_ALIVE_1("one kept connection", 1, "/hello", "keep"),
  KEEP_ALIVE_64("64 kept connections", 64, "/hello", "keep"),
  IDLE_10000(
      "64 active connections beside 10,000 idle ones", 64, "/hello", "keep", Crowd.IDLE, 10_000),
  KEEP_ALIVE_1000("1,000 kept connections", 1000, "/hello", "keep"),
  CHURN("a connection for each request, 64 at a time", 64, "/hello", "close"),
  TEN_PER_CONNECTION(
      "every tenth request closes its connection, 64 connections", 64, "/hello", "ten"),
  PIPELINED_16("16 requests sent at once, on each of 64 connections", 64, "/hello", "pipelined"),
  BLOCKING_5MS(
      "a handler that blocks for 5 ms, 256 connections, at most "
          + Contenders.THREADS
          + " requests at a time",
      256,
      "/sleep?ms=5",
      "keep"),
  FILE_1M("a file of 1 MB, 64 connections", 64, "/1m.bin", "keep"),
  POST_64K("64 KB posted and sent back, 64 connections", 64, "/echo", "post"),
  // late: some servers do not recover from it
  SLOW_1000(
      "64 active connections beside 1,000 that send a byte a second",
      64,
      "/hello",
      "keep",
      Crowd.SLOW,
      1_000),
  AB("ab -n 10000 -c 100", 100, "/hello", "close"),
  AB_KEEP_ALIVE("ab -n 10000 -c 100 -k", 100, "/hello", "keep");

  /// Connections that are there beside the load.
  enum Crowd {
    NONE,
    /// Has had one answer, and stays silent.
    IDLE,
    /// Sends a byte of a request head each second.
    SLOW
  }

  private final String title;
  private final int connections;
  private final String path;
  private final String mode;
  private final Crowd crowd;
  private final int crowdSize;

  Scenario(String title, int connections, String path, String mode) {
    this(title, connections, path, mode, Crowd.NONE, 0);
  }

  Scenario(String title, int connections, String path, String mode, Crowd crowd, int crowdSize) {
    this.title = title;
    this.connections = connections;
    this.path = path;
    this.mode = mode;
    this.crowd = crowd;
    this.crowdSize = crowdSize;
  }

  /// Its name on the command line and in files.
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  String title() {
    return title;
  }

  /// Whether wrk makes the load for some seconds; otherwise ab makes a number of requests.
  boolean usesWrk() {
    return this != AB && this != AB_KEEP_ALIVE;
  }

  /// How many connections are active.
  int connections() {
    return connections;
  }

  /// What is asked for.
  String path() {
    return path;
  }

  /// What `load.lua` is to do; `keep` or `close` for ab.
  String mode() {
    return mode;
  }

  Crowd crowd() {
    return crowd;
  }

  int crowdSize() {
    return crowdSize;
  }

  /// Whether a server that has served `/hello` on a few kept connections knows this load already.
  boolean isPlain() {
    return usesWrk()
        && path.equals("/hello")
        && mode.equals("keep")
        && connections <= KEEP_ALIVE_64.connections;
  }
}
