// SPDX-License-Identifier: Apache-2.0
#include "http/multipart.h"

#include <gtest/gtest.h>

namespace bulkhead::http {
namespace {

constexpr std::string_view kType = "multipart/form-data; boundary=xyz";

base::Result<std::vector<FormPart>> Parse(std::string_view body, std::string_view type = kType) {
  return ParseMultipart(type, std::as_bytes(std::span(body)), 4);
}

std::string ContentOf(const FormPart& part) {
  return {reinterpret_cast<const char*>(part.content.data()), part.content.size()};
}

TEST(Multipart, GivesWhatCurlSends) {
  const auto parts = Parse(
      "--xyz\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a \\\"b\\\".jpg\"\r\n"
      "Content-Type: image/jpeg\r\n\r\n\xff\xd8\r\n--xy\r\n"
      "\r\n--xyz\r\ncontent-disposition: form-data; name=second\r\n\r\n\r\n--xyz--\r\n");
  ASSERT_TRUE(parts.ok());
  ASSERT_EQ(parts.value().size(), 2U);
  EXPECT_EQ(parts.value()[0].name, "image");
  EXPECT_EQ(parts.value()[0].file_name, "a \"b\".jpg");
  EXPECT_EQ(ContentOf(parts.value()[0]), "\xff\xd8\r\n--xy\r\n");
  EXPECT_EQ(parts.value()[1].name, "second");
  EXPECT_EQ(ContentOf(parts.value()[1]), "");
}

TEST(Multipart, TakesAQuotedBoundaryAndAPreamble) {
  const auto parts =
      Parse("preamble\r\n--a b\r\nContent-Disposition: form-data; name=\"i\"\r\n\r\n1\r\n--a b--",
            "Multipart/Form-Data; charset=utf-8; boundary=\"a b\"");
  ASSERT_TRUE(parts.ok());
  EXPECT_EQ(ContentOf(parts.value().at(0)), "1");
}

TEST(Multipart, RefusesAFormThatIsCutAnywhere) {
  const std::string whole =
      "--xyz\r\nContent-Disposition: form-data; name=\"image\"\r\n\r\n12\r\n--xyz--";
  ASSERT_TRUE(Parse(whole).ok());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(Parse(std::string_view(whole).substr(0, length)).ok()) << length;
  }
}

TEST(Multipart, RefusesMorePartsThanAllowedAndPartsWithoutAName) {
  std::string body;
  for (int i = 0; i < 5; ++i) {
    body += "--xyz\r\nContent-Disposition: form-data; name=\"i\"\r\n\r\n1\r\n";
  }
  EXPECT_FALSE(Parse(body + "--xyz--").ok());
  EXPECT_FALSE(Parse("--xyz\r\nX: y\r\n\r\n1\r\n--xyz--").ok());
  EXPECT_FALSE(Parse("--xyz\r\n\r\n1\r\n--xyz--").ok());
}

TEST(Multipart, RefusesATypeWithoutABoundary) {
  EXPECT_FALSE(Parse("--xyz--", "multipart/form-data").ok());
  EXPECT_FALSE(Parse("--xyz--", "multipart/form-data; boundary=").ok());
  EXPECT_FALSE(Parse("--xyz--", "multipart/form-data; boundary=\"xyz").ok());
}

}  // namespace
}  // namespace bulkhead::http
