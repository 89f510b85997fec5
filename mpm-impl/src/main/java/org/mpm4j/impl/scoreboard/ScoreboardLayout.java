package org.mpm4j.impl.scoreboard;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import org.mpm4j.ProcessModel;

/// Where each word of the scoreboard is. No word is a pointer, so every process may map the file
/// wherever it likes.
final class ScoreboardLayout {
  /*
   *  0        HEADER
   *           magic | version | model | serverLimit | threadLimit | supervisor pid | start millis
   *           ... ready word, written last
   *  256      PROCESS RECORD of slot 0        one per slot, ServerLimit of them
   *           +0    line of the supervisor:   pid | generation | state
   *           +128  line of the child:        accepting | connections
   *  512      PROCESS RECORD of slot 1 ...
   *
   * One writer for each line, and two cache lines between writers: processors fetch lines in pairs.
   */

  static final long MAGIC = 0x4d504d344a534231L; // "MPM4JSB1"
  static final int VERSION = 1;

  private static final long WRITER_STRIDE = 128;

  static final long MAGIC_OFFSET = 0;
  static final long VERSION_OFFSET = MAGIC_OFFSET + Long.BYTES;
  static final long MODEL_OFFSET = VERSION_OFFSET + Integer.BYTES;
  static final long SERVER_LIMIT_OFFSET = MODEL_OFFSET + Integer.BYTES;
  static final long THREAD_LIMIT_OFFSET = SERVER_LIMIT_OFFSET + Integer.BYTES;
  static final long SUPERVISOR_PID_OFFSET = THREAD_LIMIT_OFFSET + Integer.BYTES;
  static final long START_MILLIS_OFFSET = SUPERVISOR_PID_OFFSET + 2 * Integer.BYTES;
  static final long READY_OFFSET = WRITER_STRIDE;
  static final long HEADER_SIZE = 2 * WRITER_STRIDE;

  static final long PID_OFFSET = 0;
  static final long GENERATION_OFFSET = PID_OFFSET + Integer.BYTES;
  static final long STATE_OFFSET = GENERATION_OFFSET + Integer.BYTES;
  static final long ACCEPTING_OFFSET = WRITER_STRIDE;
  static final long CONNECTIONS_OFFSET = ACCEPTING_OFFSET + Integer.BYTES;
  static final long PROCESS_SIZE = 2 * WRITER_STRIDE;

  /// Coordinates: a [MemorySegment] and an offset in it.
  static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

  static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

  private ScoreboardLayout() {}

  static long processOffset(int slot) {
    return HEADER_SIZE + slot * PROCESS_SIZE;
  }

  static long size(int serverLimit) {
    return processOffset(serverLimit);
  }

  /// What the model word says.
  static int code(ProcessModel model) {
    return switch (model) {
      case PREFORK -> 1;
      case WORKER -> 2;
      case EVENT -> 3;
    };
  }
}
