// SPDX-License-Identifier: Apache-2.0
#include "report/gpu_drawing.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

DrawnGpu A100() {
  return {.title = "GPU 0  A100-40GB",
          .units = 8,
          .simulated = true,
          .instances = {{4, 2, "2g.10gb", "acme/plates"},
                        {0, 1, "1g.5gb", "acme/faces"},
                        {6, 1, "1g.5gb+me", ""}}};
}

TEST(GpuDrawing, ShowsEveryUnitWithItsOwner) {
  EXPECT_EQ(DrawGpu(A100()), R"(GPU 0  A100-40GB  simulated
+--------+--------------------------+-----------------+--------+--------+
| 1g.5gb | free                     | 2g.10gb         | 1g.5g~ | free   |
| acme/~ |                          | acme/plates     |        |        |
+--------+--------------------------+-----------------+--------+--------+
0        1                          4                 6        7
  0: 1g.5gb  acme/faces
  6: 1g.5gb+me
)");
}

TEST(GpuDrawing, ShowsAPartOfTwelveUnits) {
  const DrawnGpu gpu{.title = "GPU 1  RTX PRO 6000",
                     .units = 12,
                     .simulated = false,
                     .instances = {{0, 6, "2g.48gb-me", "city/north"},
                                   {9, 3, "1g.24gb+me.all", "city/a-rather-long-name"}}};
  EXPECT_EQ(DrawGpu(gpu), R"(GPU 1  RTX PRO 6000
+-----------------------------------+-----------------+-----------------+
| 2g.48gb-me                        | free            | 1g.24gb+me.all  |
| city/north                        |                 | city/a-rather-~ |
+-----------------------------------+-----------------+-----------------+
0                                   6                 9
  9: 1g.24gb+me.all  city/a-rather-long-name
)");
}

TEST(GpuDrawing, ShowsAGpuThatIsNotDivided) {
  EXPECT_EQ(DrawGpu({"GPU 2  T4", 0, false, {}}), R"(GPU 2  T4
+-----------------------------------------------------------------------+
| whole GPU                                                             |
| free                                                                  |
+-----------------------------------------------------------------------+
)");
  EXPECT_THAT(DrawGpu({"GPU 2  T4", 0, false, {{0, 0, "", "acme/plates"}}}),
              HasSubstr("\n| acme/plates "));
}

TEST(GpuDrawing, NamesInstancesThatHaveNoPlace) {
  DrawnGpu gpu = A100();
  gpu.instances = {{0, 4, "3g.20gb", "a"},
                   {3, 1, "1g.5gb", "b"},
                   {7, 2, "2g.10gb", "c"},
                   {-1, 1, "1g.5gb", "d"},
                   {2'000'000'000, 2'000'000'000, "1g.5gb", "e"}};
  const std::string drawn = DrawGpu(gpu);
  EXPECT_THAT(drawn, HasSubstr("| 3g.20gb "));
  for (const char* line :
       {"\n  3: 1g.5gb  b  (has no place)\n", "\n  7: 2g.10gb  c  (has no place)\n",
        "\n  -1: 1g.5gb  d  (has", "\n  2000000000: 1g.5gb  e  (has"}) {
    EXPECT_THAT(drawn, HasSubstr(line));
  }
}

TEST(GpuDrawing, BearsTextThatWouldWriteOnTheTerminal) {
  DrawnGpu gpu = A100();
  gpu.instances = {{0, 8, "7g.40gb\n", "a\x1b[2J\xff"}};
  gpu.title = "GPU\r0";
  const std::string drawn = DrawGpu(gpu);
  EXPECT_THAT(drawn, HasSubstr("| 7g.40gb? "));
  EXPECT_THAT(drawn, HasSubstr("| a?[2J? "));
  EXPECT_THAT(drawn, HasSubstr("GPU?0  simulated\n"));
}

TEST(GpuDrawingSvg, DrawsACellForEachInstanceAndFreeRun) {
  const std::vector<DrawnGpu> gpus = {A100()};
  EXPECT_EQ(
      DrawGpusAsSvg(gpus),
      R"(<svg xmlns="http://www.w3.org/2000/svg" width="744" height="116" viewBox="0 0 744 116" font-family="monospace" font-size="12" fill="#1b2631">
<text x="12" y="28">GPU 0  A100-40GB  simulated</text>
<g><title>1g.5gb  acme/faces</title>
<rect x="12" y="36" width="90" height="48" fill="#cfe3f5" stroke="#34495e"/>
<text x="18" y="55">1g.5gb</text>
<text x="18" y="73">acme/faces</text>
</g>
<g><title>free</title>
<rect x="102" y="36" width="270" height="48" fill="#ffffff" stroke="#34495e"/>
<text x="108" y="55">free</text>
</g>
<g><title>2g.10gb  acme/plates</title>
<rect x="372" y="36" width="180" height="48" fill="#cfe3f5" stroke="#34495e"/>
<text x="378" y="55">2g.10gb</text>
<text x="378" y="73">acme/plates</text>
</g>
<g><title>1g.5gb+me</title>
<rect x="552" y="36" width="90" height="48" fill="#cfe3f5" stroke="#34495e"/>
<text x="558" y="55">1g.5gb+me</text>
</g>
<g><title>free</title>
<rect x="642" y="36" width="90" height="48" fill="#ffffff" stroke="#34495e"/>
<text x="648" y="55">free</text>
</g>
<text x="12" y="98">0</text>
<text x="102" y="98">1</text>
<text x="372" y="98">4</text>
<text x="552" y="98">6</text>
<text x="642" y="98">7</text>
</svg>
)");
}

TEST(GpuDrawingSvg, EscapesTextsOfOthers) {
  DrawnGpu gpu = A100();
  gpu.instances = {{0, 8, "7g.40gb", "<script>&\"\x01"}};
  const std::string drawn = DrawGpusAsSvg(std::vector{gpu});
  EXPECT_THAT(drawn, HasSubstr("<title>7g.40gb  &lt;script&gt;&amp;\"?</title>"));
  EXPECT_THAT(drawn, Not(HasSubstr("<script")));
}

TEST(GpuDrawingSvg, PutsOneGpuBelowTheOther) {
  const std::vector<DrawnGpu> gpus = {A100(), A100()};
  const std::string drawn = DrawGpusAsSvg(gpus);
  EXPECT_THAT(drawn, HasSubstr("<text x=\"12\" y=\"28\">GPU 0  A100-40GB  simulated</text>"));
  EXPECT_THAT(drawn, HasSubstr("<text x=\"12\" y=\"132\">GPU 0  A100-40GB  simulated</text>"));
  EXPECT_THAT(drawn, HasSubstr("height=\"220\""));
}

}  // namespace
}  // namespace bulkhead::report
