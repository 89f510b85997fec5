package org.mpm4j.impl.supervisor;

/// How fast one set of children takes over from another, as Kubernetes' rolling update does: as
/// many more than needed as `surge` allows, as many fewer as `unavailable` allows. A pure function
/// of how far both sides are.
///
/// The two sides may need different numbers of children for the same work, so both are compared as
/// shares of what each needs. Where their children are not worth the same, there may be more than
/// `surge` allows, by less than one child of each side; there are never fewer than `unavailable`
/// allows, unless some die.
///
/// @param wanted children that the new side needs, at least 1
/// @param before children that the old side had, 0 if it serves no more
/// @param surge children of the new side that may exist beyond what is needed
/// @param unavailable children of the new side that may be missing; not 0 if surge is
record Rollout(int wanted, int before, int surge, int unavailable) {
  Rollout {
    if (wanted < 1 || before < 0 || surge < 0 || unavailable < 0 || surge + unavailable == 0) {
      throw new IllegalArgumentException("no rollout is possible");
    }
  }

  /// How many children of the new side to start now.
  ///
  /// @param live those that start or serve
  /// @param ready those that serve
  /// @param old those of the old side that serve
  int toStart(int live, int ready, int old) {
    int oldShare = before == 0 ? 0 : (int) ((long) wanted * old / before);
    long room = (long) wanted + surge - oldShare - live;
    int start = Math.clamp(room, 0, Math.max(0, wanted - live));
    boolean stuck = start == 0 && live == ready && live < wanted && toDrain(ready, old) == 0;
    return stuck ? 1 : start; // what rounding held back
  }

  /// How many children of the old side to drain now.
  int toDrain(int ready, int old) {
    long missing = Math.max(0, wanted - unavailable - ready);
    int needed = (int) ((before * missing + wanted - 1) / wanted);
    return Math.max(0, old - needed);
  }

  /// Whether the new side has taken over.
  boolean done(int ready, int old) {
    return ready >= wanted && old == 0;
  }
}
