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
   *           magic | version | slots | threadsPerSlot | supervisor pid | start millis
   *  +128     ready, written last | slotsInUse | slotsEverUsed
   *  +256     [sequence] model | generation | phase | childLimit | pinned | breaker state, deaths,
   *           next start | last reload: kind, generation, took | number of events
   *  +384     breaker why | last reload: reason, last output
   *  +6016    32 events: millis | text                           256 bytes each, a ring
   *
   *  14336    PROCESS RECORD of slot 0                           one per slot
   *           +0    lines of the supervisor: [sequence] pid | generation | state | workers |
   *                 started | resident bytes | counters of former processes
   *           +128  why | +384 exit of the last process
   *           +640  line of the child:       accepting | connections | threads | threadsUsed |
   *                                          heartbeat
   *           +768  line of the child:       parked connections: reading | writing | keepAlive |
   *                                          closing | suspended
   *  +896     PROCESS RECORD of slot 1 ...
   *
   *  14336 + 896 * slots
   *           WORKER RECORD of slot 0, thread 0                  threadsPerSlot + 1 per slot
   *           +0    status and wait | counters, 9 words
   *           +80   [sequence] since | client | request line
   *  +256     WORKER RECORD of slot 0, thread 1 ...
   *
   * [sequence] begins what is read and written under a sequence lock. A text is its length in bytes
   * and the bytes; a client with an IPv4 address is -1, the address and the port. Event has one thread more than workers.
   *
   * One writer for each line, and two cache lines between writers: processors fetch lines in pairs.
   * The file is sparse: a slot or thread that is never used costs no memory, unless somebody looks.
   */

  static final long MAGIC = 0x4d504d344a534231L; // "MPM4JSB1"
  static final int VERSION = 4;

  private static final long WRITER_STRIDE = 128;

  static final long MAGIC_OFFSET = 0;
  static final long VERSION_OFFSET = MAGIC_OFFSET + Long.BYTES;
  static final long SLOTS_OFFSET = VERSION_OFFSET + Integer.BYTES;
  static final long THREADS_PER_SLOT_OFFSET = SLOTS_OFFSET + Integer.BYTES;
  static final long SUPERVISOR_PID_OFFSET = THREADS_PER_SLOT_OFFSET + Integer.BYTES;
  static final long START_MILLIS_OFFSET = SUPERVISOR_PID_OFFSET + Integer.BYTES;
  static final long READY_OFFSET = WRITER_STRIDE;
  static final long SLOTS_IN_USE_OFFSET = READY_OFFSET + Integer.BYTES;
  static final long SLOTS_EVER_USED_OFFSET = SLOTS_IN_USE_OFFSET + Integer.BYTES;

  static final long SERVER_SEQUENCE_OFFSET = 2 * WRITER_STRIDE;
  static final long MODEL_OFFSET = SERVER_SEQUENCE_OFFSET + Integer.BYTES;
  static final long CURRENT_GENERATION_OFFSET = MODEL_OFFSET + Integer.BYTES;
  static final long PHASE_OFFSET = CURRENT_GENERATION_OFFSET + Integer.BYTES;
  static final long CHILD_LIMIT_OFFSET = PHASE_OFFSET + Integer.BYTES;
  static final long PINNED_OFFSET = CHILD_LIMIT_OFFSET + Integer.BYTES;
  static final long BREAKER_STATE_OFFSET = PINNED_OFFSET + Integer.BYTES;
  static final long BREAKER_DEATHS_OFFSET = BREAKER_STATE_OFFSET + Integer.BYTES;
  static final long NEXT_START_OFFSET = BREAKER_DEATHS_OFFSET + Integer.BYTES;
  static final long RELOAD_TOOK_OFFSET = NEXT_START_OFFSET + Long.BYTES;
  static final long RELOAD_KIND_OFFSET = RELOAD_TOOK_OFFSET + Long.BYTES;
  static final long RELOAD_GENERATION_OFFSET = RELOAD_KIND_OFFSET + Integer.BYTES;
  static final long EVENT_COUNT_OFFSET = RELOAD_GENERATION_OFFSET + Integer.BYTES;
  static final long BREAKER_WHY_OFFSET = 3 * WRITER_STRIDE;
  static final int BREAKER_WHY_SIZE = 512;
  static final long RELOAD_REASON_OFFSET = BREAKER_WHY_OFFSET + BREAKER_WHY_SIZE;
  static final int RELOAD_REASON_SIZE = 1024;
  static final long RELOAD_OUTPUT_OFFSET = RELOAD_REASON_OFFSET + RELOAD_REASON_SIZE;
  static final int RELOAD_OUTPUT_SIZE = 4096;
  static final long EVENTS_OFFSET = RELOAD_OUTPUT_OFFSET + RELOAD_OUTPUT_SIZE;
  static final int EVENTS = 32;
  static final int EVENT_SIZE = 256;
  static final int EVENT_TEXT_SIZE = EVENT_SIZE - Long.BYTES;
  static final long HEADER_SIZE = strided(EVENTS_OFFSET + EVENTS * EVENT_SIZE);

  static final long PROCESS_SEQUENCE_OFFSET = 0;
  static final long PID_OFFSET = PROCESS_SEQUENCE_OFFSET + Integer.BYTES;
  static final long GENERATION_OFFSET = PID_OFFSET + Integer.BYTES;
  static final long STATE_OFFSET = GENERATION_OFFSET + Integer.BYTES;
  static final long WORKERS_OFFSET = STATE_OFFSET + Integer.BYTES;
  static final long STARTED_OFFSET = WORKERS_OFFSET + 2 * Integer.BYTES;
  static final long RESIDENT_OFFSET = STARTED_OFFSET + Long.BYTES;
  static final long FORMER_OFFSET = RESIDENT_OFFSET + Long.BYTES;
  static final long WHY_OFFSET = WRITER_STRIDE;
  static final int WHY_SIZE = 256;
  static final long EXIT_OFFSET = WHY_OFFSET + WHY_SIZE;
  static final int EXIT_SIZE = 256;
  static final long ACCEPTING_OFFSET = EXIT_OFFSET + EXIT_SIZE;
  static final long CONNECTIONS_OFFSET = ACCEPTING_OFFSET + Integer.BYTES;
  static final long THREADS_OFFSET = CONNECTIONS_OFFSET + Integer.BYTES;
  static final long THREADS_USED_OFFSET = THREADS_OFFSET + Integer.BYTES;
  static final long HEARTBEAT_OFFSET = THREADS_USED_OFFSET + Integer.BYTES;
  static final long PARKED_OFFSET = ACCEPTING_OFFSET + WRITER_STRIDE;
  static final long PROCESS_SIZE = PARKED_OFFSET + WRITER_STRIDE;

  static final long STATUS_OFFSET = 0;
  static final long COUNTERS_OFFSET = STATUS_OFFSET + 2 * Integer.BYTES;
  static final long WORKER_SEQUENCE_OFFSET = COUNTERS_OFFSET + CounterWords.SIZE;
  static final long SINCE_OFFSET = WORKER_SEQUENCE_OFFSET + 2 * Integer.BYTES;
  static final long CLIENT_OFFSET = SINCE_OFFSET + Long.BYTES;
  static final int CLIENT_SIZE = 52;
  static final long REQUEST_OFFSET = CLIENT_OFFSET + CLIENT_SIZE;
  static final long WORKER_SIZE = 2 * WRITER_STRIDE;
  static final int REQUEST_SIZE = (int) (WORKER_SIZE - REQUEST_OFFSET);

  /// Coordinates: a [MemorySegment] and an offset in it.
  static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

  static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

  private ScoreboardLayout() {}

  private static long strided(long size) {
    return (size + WRITER_STRIDE - 1) / WRITER_STRIDE * WRITER_STRIDE;
  }

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

  /// What [#code(ProcessModel)] has said.
  static ProcessModel model(int code) {
    return switch (code) {
      case 1 -> ProcessModel.PREFORK;
      case 2 -> ProcessModel.WORKER;
      case 3 -> ProcessModel.EVENT;
      default -> throw new IllegalArgumentException("no process model: " + code);
    };
  }
}
