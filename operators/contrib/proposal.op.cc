// _contrib_Proposal: the boxes that a region proposal network suggests.
#include "treadle/operators/contrib/proposal.h"

namespace treadle::ops {
namespace {

struct Proposal : ProposalFamily {
  static constexpr auto name = "_contrib_Proposal";
  static constexpr auto doc =
      "Boxes (proposal, 5) that may hold objects in one image: 0 and the box in pixels, from the "
      "scores cls_prob and shifts bbox_pred of anchors around each pixel. No gradient passes.";

  static void infer_shape(const Params& p, ShapeInference& s) {
    ProposalFamily::infer_shape(p, s);
    const Shape scores = s.shape(in(0));
    if (scores.empty() || scores[0] <= 1) return;
    s.fail(concat("cls_prob has shape ", scores, ", that is ", scores[0],
                  " images; one is expected. MultiProposal takes several."));
  }
};
TREADLE_REGISTER_OP(Proposal);

}  // namespace
}  // namespace treadle::ops
