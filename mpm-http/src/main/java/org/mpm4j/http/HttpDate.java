package org.mpm4j.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.eclipse.jetty.http.HttpDateTime;

/// Times as HTTP writes them, in whole seconds.
public final class HttpDate {
  /// Jetty's own writes the day with one digit.
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH);

  private record Field(long second, String date, String text) {}

  /// Written by any thread: two that find it old at the same time make the same.
  private static volatile Field current = make(second());

  private HttpDate() {}

  /// The present, in seconds of the epoch.
  @SuppressWarnings("TimeUnitConversionChecker") // a shift of the unit on the hot path
  public static long second() {
    return System.currentTimeMillis() / 1000;
  }

  /// The `Date` field of an answer made now, with its line end.
  public static String field() {
    return present().text;
  }

  /// The present as HTTP writes it.
  public static String now() {
    return present().date;
  }

  private static Field present() {
    Field field = current;
    long second = second();
    if (field.second != second) {
      field = make(second);
      current = field;
    }
    return field;
  }

  /// The `Date` field of an answer made at `second`.
  public static String field(long second) {
    return "Date: " + format(second) + "\r\n";
  }

  private static Field make(long second) {
    return new Field(second, format(second), field(second));
  }

  /// The time as HTTP writes it.
  public static String format(long second) {
    return FORMAT.format(Instant.ofEpochSecond(second).atOffset(ZoneOffset.UTC));
  }

  /// The second that `text` means.
  ///
  /// @return -1 if it is not a date
  public static long parse(String text) {
    try {
      return HttpDateTime.parse(text).toEpochSecond();
    } catch (IllegalArgumentException | DateTimeException _) {
      return -1;
    }
  }
}
