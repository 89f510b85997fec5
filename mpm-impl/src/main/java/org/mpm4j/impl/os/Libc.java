package org.mpm4j.impl.os;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// Calls functions of the C library.
final class Libc {
  /*
   * Overview: every function goes through one method handle, which takes six 64-bit integers and
   * returns one. The linker spins classes for each distinct signature, and that is most of what these
   * calls add to the start of a child JVM; one signature keeps it to one payment.
   *
   * Why it is sound: on both processors supported, the calling convention passes integer and pointer
   * arguments in registers (System V AMD64 ABI 3.2.3: rdi, rsi, rdx, rcx, r8, r9; AAPCS64 6.4: x0 to
   * x7). A callee does not look at registers beyond its own parameters, and takes the low 32 bits of
   * one that holds an int. The high half of a returned int is unspecified, so call32 drops it.
   * The variadic functions used (open, fcntl, ioctl, prctl, syscall) find integers in the same
   * registers as others would; the count of vector registers that System V wants in al concerns
   * floating-point arguments. These, structures by value and more than six arguments would need
   * another signature; none of our functions has them.
   *
   * errno is captured by the linker before anything else can run on the thread, into memory that
   * belongs to the thread. No call is "critical": a thread inside a critical call holds up every
   * safepoint.
   *
   * The handle is not final, so that it is compiled by itself and not into each of its callers. The
   * linker's part slices the memory for errno; where that is compiled at the end of a long chain of
   * inlined calls, HotSpot's MaxInlineLevel stops at the constructor of Object, and each call leaves
   * a slice of 40 bytes in the heap. The price is one call, beside one into the kernel.
   */
  private static final Linker LINKER = Linker.nativeLinker();

  private static final FunctionDescriptor SHAPE =
      FunctionDescriptor.of(
          JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  private static final Linker.Option CAPTURE_ERRNO = Linker.Option.captureCallState("errno");

  @SuppressWarnings("restricted") // the one purpose of this class
  private static MethodHandle call = LINKER.downcallHandle(SHAPE, CAPTURE_ERRNO);

  private Libc() {}

  /// Finds a function.
  ///
  /// @throws UnsupportedOperationException if the C library does not have it
  static MemorySegment function(String name) {
    MemorySegment function = functionOrNull(name);
    if (function.equals(MemorySegment.NULL)) {
      throw new UnsupportedOperationException("the C library has no function " + name);
    }
    return function;
  }

  /// Finds a function, or returns [MemorySegment#NULL].
  static MemorySegment functionOrNull(String name) {
    return LINKER.defaultLookup().find(name).orElse(MemorySegment.NULL);
  }

  /// Calls a function that returns -1 on failure as a 64-bit value: `long`, `ssize_t`, `off_t`.
  static long call64(
      MemorySegment function, CallMemory memory, long a, long b, long c, long d, long e, long f) {
    long result = raw(function, memory, a, b, c, d, e, f);
    return result == -1 ? -memory.errno() : result;
  }

  /// Calls a function that returns -1 on failure as an `int`.
  static int call32(
      MemorySegment function, CallMemory memory, long a, long b, long c, long d, long e, long f) {
    int result = (int) raw(function, memory, a, b, c, d, e, f);
    return result == -1 ? -memory.errno() : result;
  }

  static int call32(MemorySegment function, long a) {
    return call32(function, CallMemory.current(), a, 0, 0, 0, 0, 0);
  }

  static int call32(MemorySegment function, long a, long b) {
    return call32(function, CallMemory.current(), a, b, 0, 0, 0, 0);
  }

  static int call32(MemorySegment function, long a, long b, long c) {
    return call32(function, CallMemory.current(), a, b, c, 0, 0, 0);
  }

  static int call32(MemorySegment function, long a, long b, long c, long d) {
    return call32(function, CallMemory.current(), a, b, c, d, 0, 0);
  }

  static int call32(MemorySegment function, long a, long b, long c, long d, long e) {
    return call32(function, CallMemory.current(), a, b, c, d, e, 0);
  }

  /// Calls a function of the `posix_spawn` family, which returns a positive errno.
  static int callReturningErrno(
      MemorySegment function, long a, long b, long c, long d, long e, long f) {
    return -(int) raw(function, CallMemory.current(), a, b, c, d, e, f);
  }

  private static long raw(
      MemorySegment function, CallMemory memory, long a, long b, long c, long d, long e, long f) {
    try {
      return (long) call.invokeExact(function, memory.state(), a, b, c, d, e, f);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static Error unexpected(Throwable thrown) {
    return thrown instanceof Error error ? error : new AssertionError("downcall failed", thrown);
  }
}
