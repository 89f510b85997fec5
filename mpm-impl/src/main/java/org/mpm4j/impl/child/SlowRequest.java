package org.mpm4j.impl.child;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/// A request that runs for longer than `RequestSlowLogTimeout`, as recordings of JFR have it. To be
/// loaded only where somebody records: JFR starts with it.
@Name("org.mpm4j.SlowRequest")
@Label("Slow Request")
@Category("mpm4j")
@Description("A request that runs for longer than RequestSlowLogTimeout, and is not over yet")
@StackTrace(false) // it would be the monitor's
final class SlowRequest extends Event {
  @Label("Client")
  @Description("Address of the client, or empty")
  final String client;

  @Label("Worker")
  @Description("Name of the thread")
  final String worker;

  @Label("Elapsed")
  @Description("Since the request began")
  @Timespan(Timespan.NANOSECONDS)
  final long elapsed;

  @Label("Stack")
  @Description("What the worker was doing")
  final String stack;

  SlowRequest(String client, String worker, long elapsed, String stack) {
    this.client = client;
    this.worker = worker;
    this.elapsed = elapsed;
    this.stack = stack;
  }
}
