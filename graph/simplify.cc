#include "treadle/graph/simplify.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <numeric>
#include <utility>

namespace treadle {
namespace {

class Simplification {
 public:
  Simplification(Graph graph, int num_forward, std::span<const Entry> kept)
      : before_(std::move(graph)), num_forward_(num_forward), is_fixed_(before_.nodes.size()) {
    for (const Entry entry : kept) {
      if (entry.is_valid()) is_fixed_[size_t(entry.node)] = true;
    }
    for (const Entry entry : before_.outputs) is_fixed_[size_t(entry.node)] = true;
  }

  SimplifiedGraph run() {
    find_twins();
    SimplifiedGraph made;
    made.num_forward = num_forward_;
    if (num_saved_ == 0) {
      made.graph = std::move(before_);
      made.node_of.resize(made.graph.nodes.size());
      std::iota(made.node_of.begin(), made.node_of.end(), 0);
      made.origin_of = made.node_of;
      return made;
    }
    made.node_of.assign(before_.nodes.size(), -1);
    const auto moved = [&](Entry entry) {
      entry = resolved(entry);
      return Entry{made.node_of[size_t(entry.node)], entry.output};
    };
    for (int n = 0; n < int(before_.nodes.size()); ++n) {
      const Entry stands_for = resolved({n, 0});
      if (stands_for.node != n) {
        made.node_of[size_t(n)] = made.node_of[size_t(stands_for.node)];
        if (n < num_forward_) --made.num_forward;
        continue;
      }
      GraphNode node = std::move(before_.nodes[size_t(n)]);
      for (Entry& input : node.inputs) input = moved(input);
      if (node.forward >= 0) node.forward = made.node_of[size_t(node.forward)];
      if (node.head_of.is_valid()) node.head_of = moved(node.head_of);
      made.origin_of.push_back(n);
      made.node_of[size_t(n)] = made.graph.add(std::move(node));
    }
    for (const Entry output : before_.outputs) made.graph.outputs.push_back(moved(output));
    return made;
  }

 private:
  // Where an entry of a node that goes is found.
  Entry resolved(Entry entry) const {
    const Entry place = stands_for_[size_t(entry.node)];
    // A copy has one output; twins have the same ones.
    return is_copy_[size_t(entry.node)] ? place : Entry{place.node, entry.output};
  }

  void find_twins() {
    // Nodes by what they compute: open addressing, as the numbers of nodes are all there is to
    // keep.
    const size_t mask = std::bit_ceil(2 * before_.nodes.size() + 1) - 1;
    std::vector<int> seen(mask + 1, -1);
    is_copy_.assign(before_.nodes.size(), false);
    for (int n = 0; n < int(before_.nodes.size()); ++n) {
      stands_for_.push_back({n, 0});
      const GraphNode& node = before_.nodes[size_t(n)];
      if (node.is_variable() || node.op->has_effects || node.num_aux > 0 || is_fixed_[size_t(n)])
        continue;
      if (may_drop(node)) {
        stands_for_[size_t(n)] = resolved(node.inputs[0]);
        is_copy_[size_t(n)] = true;
        ++num_saved_;
        continue;
      }
      size_t place = hash_of(node) & mask;
      while (seen[place] >= 0 && !are_equal(n, seen[place])) place = (place + 1) & mask;
      if (seen[place] < 0) {
        seen[place] = n;
      } else {
        stands_for_[size_t(n)] = {seen[place], 0};
        ++num_saved_;
      }
    }
  }

  // A variable may be written by others while the copy keeps what it was: that one is needed.
  bool may_drop(const GraphNode& node) const {
    return node.op->name == "_copy" &&
           !before_.nodes[size_t(resolved(node.inputs[0]).node)].is_variable();
  }

  size_t hash_of(const GraphNode& node) const {
    size_t hash = std::hash<const void*>()(node.op);
    for (const Entry input : node.inputs) {
      const Entry entry = resolved(input);
      hash = (hash ^ size_t(before_.entry_id(entry))) * 0x9E3779B97F4A7C15;
    }
    return hash ^ (hash >> 32);
  }

  bool are_equal(int number, int other_number) const {
    const GraphNode& node = before_.nodes[size_t(number)];
    const GraphNode& other = before_.nodes[size_t(other_number)];
    const bool are_of_one_kind =
        node.op == other.op && (number < num_forward_) == (other_number < num_forward_);
    const auto same = [&](Entry a, Entry b) { return resolved(a) == resolved(b); };
    if (!are_of_one_kind || !std::ranges::equal(node.inputs, other.inputs, same)) return false;
    const auto forward_of = [&](const GraphNode& each) {
      return each.forward < 0 ? -1 : stands_for_[size_t(each.forward)].node;
    };
    if (forward_of(node) != forward_of(other)) return false;
    if (node.source->attributes != other.source->attributes) return false;
    return node.params == other.params ||
           node.op->schema.print(node.params.get()) == other.op->schema.print(other.params.get());
  }

  Graph before_;
  const int num_forward_;
  std::vector<bool> is_fixed_, is_copy_;
  std::vector<Entry> stands_for_;  // per node: where its first output is found
  int num_saved_ = 0;
};

}  // namespace

SimplifiedGraph simplify(Graph graph, int num_forward, std::span<const Entry> kept) {
  return Simplification(std::move(graph), num_forward, kept).run();
}

}  // namespace treadle
