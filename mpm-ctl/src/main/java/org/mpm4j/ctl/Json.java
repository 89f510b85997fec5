package org.mpm4j.ctl;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/// Results for programs: one JSON object in one line.
final class Json {
  private Json() {}

  @FunctionalInterface
  private interface Writer {
    void write(JsonGenerator json) throws IOException;
  }

  private static String object(Writer writer) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.writeStartObject();
      writer.write(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a string takes everything
    }
    return text.toString();
  }

  static String of(String code, String text) {
    return object(json -> writeEnd(json, code, text));
  }

  private static void writeEnd(JsonGenerator json, String code, String text) throws IOException {
    json.writeStringField("code", code);
    json.writeStringField("text", text);
  }

  static String ofThreads(ControlReply reply) {
    return object(json -> {
      writeEnd(json, reply.code(), reply.text());
      json.writeArrayFieldStart("children");
      for (ThreadDump dump : ThreadDump.of(reply.data())) {
        json.writeStartObject();
        json.writeFieldName("slot");
        json.writeNumber(dump.slot());
        json.writeBooleanField("answered", dump.answered());
        json.writeStringField("text", String.join("\n", dump.lines()));
        json.writeEndObject();
      }
      json.writeEndArray();
    });
  }

  static String of(Status status) {
    return object(json -> {
      json.writeNumberField("pid", status.number("pid"));
      json.writeStringField("model", status.text("model"));
      json.writeNumberField("generation", status.number("generation"));
      json.writeStringField("phase", status.text("phase"));
      json.writeStringField("started", status.text("started"));
      json.writeNumberField("uptime", status.number("uptime"));
      json.writeNumberField("childLimit", status.number("child-limit"));
      json.writeNumberField("pinned", status.number("pinned"));
      json.writeNumberField("workers", status.number("workers"));
      json.writeNumberField("busy", status.number("busy"));
      writeBreaker(json, status.outcome("breaker"));
      writeReload(json, status.outcome("last-reload"));
      json.writeArrayFieldStart("children");
      for (Status.Child child : status.children()) {
        write(json, child);
      }
      json.writeEndArray();
    });
  }

  private static void writeBreaker(JsonGenerator json, Status.Outcome breaker) throws IOException {
    json.writeObjectFieldStart("breaker");
    json.writeStringField("state", breaker.word());
    json.writeNumberField("deaths", breaker.first());
    json.writeNumberField("nextStartMillis", breaker.second());
    json.writeStringField("why", breaker.why());
    json.writeEndObject();
  }

  private static void writeReload(JsonGenerator json, Status.Outcome reload) throws IOException {
    if (reload.word().isEmpty()) {
      json.writeNullField("lastReload");
      return;
    }
    json.writeObjectFieldStart("lastReload");
    json.writeStringField("verdict", reload.word());
    json.writeNumberField("generation", reload.first());
    json.writeNumberField("millis", reload.second());
    json.writeStringField("why", reload.why());
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, Status.Child child) throws IOException {
    json.writeStartObject();
    json.writeNumberField("slot", child.slot());
    json.writeNumberField("pid", child.pid());
    json.writeNumberField("generation", child.generation());
    json.writeStringField("state", child.state());
    json.writeNumberField("age", child.age());
    json.writeNumberField("connections", child.connections());
    json.writeNumberField("busy", child.busy());
    json.writeNumberField("workers", child.workers());
    json.writeNumberField("memory", child.memory());
    json.writeStringField("why", child.why());
    json.writeStringField("letters", child.letters());
    json.writeEndObject();
  }
}
