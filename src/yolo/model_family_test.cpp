// SPDX-License-Identifier: Apache-2.0
#include "yolo/model_family.h"

#include <string>

#include <gtest/gtest.h>

namespace bulkhead::yolo {
namespace {

std::string Parse(std::string_view description) {
  const ModelFamily found = ParseModelFamily(description);
  return found.family + "/" + found.size + (found.anchor_free_suffix ? "/u" : "");
}

TEST(ModelFamily, ReadsTheNamesThatExportersWrite) {
  EXPECT_EQ(Parse("Ultralytics YOLO11n model trained on coco.yaml"), "YOLO11/n");
  EXPECT_EQ(Parse("Ultralytics YOLOv8x-seg model trained on /data/coco.yaml"), "YOLOv8/x");
  EXPECT_EQ(Parse("Ultralytics YOLO26m-obb model "), "YOLO26/m");
  EXPECT_EQ(Parse("Ultralytics YOLOv10b model "), "YOLOv10/b");
  EXPECT_EQ(Parse("Ultralytics YOLOv9t model "), "YOLOv9/t");
  EXPECT_EQ(Parse("Ultralytics YOLOv9e-seg model "), "YOLOv9/e");
  EXPECT_EQ(Parse("Ultralytics YOLO12l-cls model "), "YOLO12/l");
  EXPECT_EQ(Parse("Ultralytics YOLOv5nu model "), "YOLOv5/n/u");
  EXPECT_EQ(Parse("Ultralytics YOLOv5x6u model "), "YOLOv5/x/u");
  EXPECT_EQ(Parse("Ultralytics YOLOv8s-pose-p6 model "), "YOLOv8/s");
}

TEST(ModelFamily, SpellsTheFamilyAsPublished) {
  EXPECT_EQ(Parse("yolov11s"), "YOLO11/s");
  EXPECT_EQ(Parse("Yolo8n"), "YOLOv8/n");
}

TEST(ModelFamily, LeavesTheSizeOpenWhenNoLetterFollows) {
  EXPECT_EQ(Parse("Ultralytics YOLO11 model "), "YOLO11/");
  EXPECT_EQ(Parse("Ultralytics YOLOv3-tiny model "), "YOLOv3/");
  EXPECT_EQ(Parse("Ultralytics YOLOv8custom model "), "YOLOv8/");
}

TEST(ModelFamily, FindsNothingInOtherNames) {
  EXPECT_EQ(Parse(""), "/");
  EXPECT_EQ(Parse("Ultralytics best model trained on parts.yaml"), "/");
  EXPECT_EQ(Parse("yolo"), "/");
  EXPECT_EQ(Parse("YOLO123"), "/");
}

TEST(ModelFamily, SkipsAYoloWithoutVersion) {
  EXPECT_EQ(Parse("my yolo, a YOLO11s of sorts"), "YOLO11/s");
}

}  // namespace
}  // namespace bulkhead::yolo
