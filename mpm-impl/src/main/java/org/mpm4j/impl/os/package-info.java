/// The operating system: descriptors, epoll, processes, users, the service manager.
///
/// This is the only package that knows [java.lang.foreign.Linker]. The rest of the library calls
/// the [Syscalls] interface; [Linux] is the real one.
///
/// **Errors.** Calls return zero or more, or a negated `errno` ([Errno] names them). Exceptions are
/// for set-up ([Linux#open], [ListenSocket#bind]), where somebody reads the message.
///
/// **Ownership.** A descriptor is an `int` with one owner, who closes it exactly once.
/// [ListenSocket] and [Poller] own theirs, but those of [ActivationSockets] are the process's.
/// Memory behind a raw address belongs to the caller, who keeps it alive for the length of the
/// call. [EpollEvents] and [PollSet] own their memory.
@NullMarked
package org.mpm4j.impl.os;

import org.jspecify.annotations.NullMarked;
