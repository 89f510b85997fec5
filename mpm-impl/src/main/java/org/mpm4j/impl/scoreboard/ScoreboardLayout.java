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
   *           magic | version | model | slots | threadsPerSlot | supervisor pid | start millis
   *  +128     ready, written last | slotsInUse
   *  256      PROCESS RECORD of slot 0        one per slot
   *           +0    line of the supervisor:   pid | generation | state | workers
   *           +128  line of the child:        accepting | connections | threads | threadsUsed |
   *                                           heartbeat
   *  512      PROCESS RECORD of slot 1 ...
   *  256 + 256 * slots
   *           WORKER RECORD of slot 0, thread 0      threadsPerSlot + 1 per slot, slot by slot
   *           +0    status | (sequence) | accesses | exchange start | (bytes | busy nanos)
   *           +40   (client, 24 bytes)
   *           +64   (request line, 64 bytes)
   *           WORKER RECORD of slot 0, thread 1 ...
   *
   * What stands in parentheses is room that nobody uses yet. Event has one thread more than workers.
   *
   * One writer for each line, and two cache lines between writers: processors fetch lines in pairs.
   * The file is sparse: a slot or thread that is never used costs no memory, unless somebody looks.
   */

  static final long MAGIC = 0x4d504d344a534231L; // "MPM4JSB1"
  static final int VERSION = 2;

  private static final long WRITER_STRIDE = 128;

  static final long MAGIC_OFFSET = 0;
  static final long VERSION_OFFSET = MAGIC_OFFSET + Long.BYTES;
  static final long MODEL_OFFSET = VERSION_OFFSET + Integer.BYTES;
  static final long SLOTS_OFFSET = MODEL_OFFSET + Integer.BYTES;
  static final long THREADS_PER_SLOT_OFFSET = SLOTS_OFFSET + Integer.BYTES;
  static final long SUPERVISOR_PID_OFFSET = THREADS_PER_SLOT_OFFSET + Integer.BYTES;
  static final long START_MILLIS_OFFSET = SUPERVISOR_PID_OFFSET + 2 * Integer.BYTES;
  static final long READY_OFFSET = WRITER_STRIDE;
  static final long SLOTS_IN_USE_OFFSET = READY_OFFSET + Integer.BYTES;
  static final long HEADER_SIZE = 2 * WRITER_STRIDE;

  static final long PID_OFFSET = 0;
  static final long GENERATION_OFFSET = PID_OFFSET + Integer.BYTES;
  static final long STATE_OFFSET = GENERATION_OFFSET + Integer.BYTES;
  static final long WORKERS_OFFSET = STATE_OFFSET + Integer.BYTES;
  static final long ACCEPTING_OFFSET = WRITER_STRIDE;
  static final long CONNECTIONS_OFFSET = ACCEPTING_OFFSET + Integer.BYTES;
  static final long THREADS_OFFSET = CONNECTIONS_OFFSET + Integer.BYTES;
  static final long THREADS_USED_OFFSET = THREADS_OFFSET + Integer.BYTES;
  static final long HEARTBEAT_OFFSET = THREADS_USED_OFFSET + Integer.BYTES;
  static final long PROCESS_SIZE = 2 * WRITER_STRIDE;

  static final long STATUS_OFFSET = 0;
  static final long ACCESSES_OFFSET = STATUS_OFFSET + 2 * Integer.BYTES;
  static final long EXCHANGE_START_OFFSET = ACCESSES_OFFSET + Long.BYTES;
  static final long WORKER_SIZE = WRITER_STRIDE;

  /// Coordinates: a [MemorySegment] and an offset in it.
  static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

  static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

  private ScoreboardLayout() {}

  static long processOffset(int slot) {
    return HEADER_SIZE + slot * PROCESS_SIZE;
  }

  static long workerOffset(int slots, int threadsPerSlot, int slot, int thread) {
    return processOffset(slots) + ((threadsPerSlot + 1L) * slot + thread) * WORKER_SIZE;
  }

  static long size(int slots, int threadsPerSlot) {
    return workerOffset(slots, threadsPerSlot, slots, 0);
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
