package org.mpm4j.status;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.mpm4j.ChildId;
import org.mpm4j.MpmStatus;
import org.mpm4j.ReloadVerdict;

/// The page as one JSON object; docs/status.md has its schema. Members may be added, none changes
/// its meaning.
final class JsonText {
  private static final JsonFactory FACTORY = new JsonFactory();

  private final JsonGenerator json;
  private final View view;

  private JsonText(View view, JsonGenerator json) {
    this.view = view;
    this.json = json;
  }

  static String of(View view) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(text)) {
      json.writeStartObject();
      new JsonText(view, json).render();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a string takes everything
    }
    return text.append('\n').toString();
  }

  private void render() throws IOException {
    MpmStatus status = view.status();
    text("server", view.serverName());
    text("version", Build.THIS.version());
    text("model", status.model().httpdName());
    json.writeNumberField("generation", status.generation());
    text("phase", Texts.word(status.phase()));
    text("started", status.startedAt().toString());
    text("at", status.at().toString());
    seconds("uptime", view.uptime());
    json.writeNumberField("childLimit", status.childLimit());
    json.writeNumberField("pinned", status.pinned());
    json.writeArrayFieldStart("load");
    json.writeNumber(view.machine().load().one());
    json.writeNumber(view.machine().load().five());
    json.writeNumber(view.machine().load().fifteen());
    json.writeEndArray();
    workers();
    json.writeObjectFieldStart("connections");
    json.writeNumberField("total", Scoreboard.connectionsTotal(status));
    states(Scoreboard.connections(status));
    json.writeEndObject();
    json.writeObjectFieldStart("totals");
    counters(status.totals());
    json.writeEndObject();
    rates(view.recently());
    breaker(status.breaker());
    reload();
    json.writeArrayFieldStart("children");
    for (MpmStatus.Child child : status.children()) {
      child(child);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("ended");
    for (MpmStatus.Ended ended : status.ended()) {
      json.writeStartObject();
      id(ended.id());
      text("how", ended.how());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("recent");
    for (MpmStatus.Happening happening : status.recent()) {
      json.writeStartObject();
      text("at", happening.at().toString());
      text("text", happening.text());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void workers() throws IOException {
    Scoreboard scoreboard = view.scoreboard();
    json.writeObjectFieldStart("workers");
    json.writeNumberField("slots", scoreboard.slots());
    json.writeNumberField("busy", scoreboard.busy());
    json.writeNumberField("idle", scoreboard.idle());
    json.writeNumberField("graceful", scoreboard.graceful());
    json.writeNumberField("starting", scoreboard.starting());
    json.writeNumberField("open", scoreboard.open());
    json.writeEndObject();
    text("scoreboard", scoreboard.letters());
  }

  private void states(MpmStatus.Connections states) throws IOException {
    json.writeNumberField("active", states.active());
    json.writeNumberField("reading", states.reading());
    json.writeNumberField("writing", states.writing());
    json.writeNumberField("keepAlive", states.keepAlive());
    json.writeNumberField("closing", states.closing());
    json.writeNumberField("suspended", states.suspended());
  }

  private void counters(MpmStatus.Counters counters) throws IOException {
    json.writeNumberField("accesses", counters.accesses());
    json.writeNumberField("bytes", counters.bytes());
    seconds("busySeconds", counters.busy());
    json.writeNumberField("accepted", counters.accepted());
    json.writeNumberField("reused", counters.reused());
    json.writeNumberField("keepAliveTimeouts", counters.keepAliveTimeouts());
    json.writeNumberField("readTimeouts", counters.readTimeouts());
    json.writeNumberField("writeTimeouts", counters.writeTimeouts());
    json.writeNumberField("rejected", counters.rejected());
  }

  private void rates(StatusHistory.Interval recently) throws IOException {
    json.writeObjectFieldStart("rates");
    seconds("seconds", recently.over());
    json.writeNumberField("accessesPerSecond", recently.accesses());
    json.writeNumberField("bytesPerSecond", recently.bytes());
    json.writeNumberField("acceptedPerSecond", recently.accepted());
    json.writeNumberField("busyWorkers", recently.busyWorkers());
    json.writeEndObject();
  }

  private void breaker(MpmStatus.Breaker breaker) throws IOException {
    json.writeObjectFieldStart("breaker");
    text("state", Texts.word(breaker.state()));
    json.writeNumberField("deaths", breaker.deaths());
    json.writeNumberField("nextStartMillis", breaker.nextStart().toMillis());
    text("why", breaker.why());
    json.writeEndObject();
  }

  private void reload() throws IOException {
    ReloadVerdict verdict = view.status().lastReload().orElse(null);
    if (verdict == null) {
      json.writeNullField("lastReload");
      return;
    }
    json.writeObjectFieldStart("lastReload");
    text("verdict", Verdicts.word(verdict));
    json.writeNumberField("generation", verdict.generation());
    text("why", Verdicts.why(verdict));
    json.writeEndObject();
  }

  private void id(ChildId id) throws IOException {
    json.writeNumberField("slot", id.slot());
    json.writeNumberField("pid", id.pid());
    json.writeNumberField("generation", id.generation());
  }

  private void child(MpmStatus.Child child) throws IOException {
    json.writeStartObject();
    id(child.id());
    text("state", Texts.word(child.state()));
    text("why", child.why());
    seconds("age", child.age());
    json.writeNumberField("memory", child.residentBytes());
    json.writeNumberField("workers", child.workers());
    json.writeNumberField("busy", child.busyWorkers());
    text("letters", child.letters());
    json.writeObjectFieldStart("connections");
    json.writeNumberField("total", child.connections());
    states(child.states());
    json.writeEndObject();
    json.writeObjectFieldStart("counters");
    counters(child.counters());
    json.writeEndObject();
    json.writeArrayFieldStart("threads");
    for (MpmStatus.Worker worker : child.threads()) {
      json.writeStartObject();
      text("status", String.valueOf(worker.status().letter()));
      text("client", worker.client());
      text("request", worker.request());
      seconds("since", worker.since());
      json.writeNumberField("accesses", worker.counters().accesses());
      json.writeNumberField("bytes", worker.counters().bytes());
      seconds("busySeconds", worker.counters().busy());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void text(String name, String value) throws IOException {
    json.writeStringField(name, Texts.line(value));
  }

  private void seconds(String name, Duration value) throws IOException {
    json.writeNumberField(name, value.toMillis() / 1000.0);
  }
}
