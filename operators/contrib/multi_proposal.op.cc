// _contrib_MultiProposal: the boxes that a region proposal network suggests.
#include "treadle/operators/contrib/proposal.h"

namespace treadle::ops {
namespace {

struct MultiProposal : ProposalFamily {
  static constexpr auto name = "_contrib_MultiProposal";
  static constexpr auto doc =
      "Boxes (image * proposal, 5) that may hold objects: the image and the box in pixels, from "
      "the scores cls_prob and shifts bbox_pred of anchors around each pixel. No gradient passes.";
};
TREADLE_REGISTER_OP(MultiProposal);

}  // namespace
}  // namespace treadle::ops
