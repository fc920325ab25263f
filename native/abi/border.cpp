#include "border.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <string>

namespace tripoint::abi {

namespace {

// The longest part of `text` that fits into `bytes` and does not end inside a UTF-8 character.
std::size_t cut(std::string_view text, std::size_t bytes) noexcept {
  if (text.size() <= bytes) return text.size();
  std::size_t end = bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return end;
}

std::int32_t fill(tp_error* error, tp_status status, std::string_view message) noexcept {
  if (error == nullptr) return status;
  error->code = status;
  error->reserved = 0;
  constexpr std::string_view kMore = "...";
  const bool whole = message.size() < TP_MESSAGE_CAPACITY;
  const std::size_t bytes = cut(message, TP_MESSAGE_CAPACITY - 1 - (whole ? 0 : kMore.size()));
  std::memcpy(error->message, message.data(), bytes);
  char* end = error->message + bytes;
  if (!whole) end = std::copy(kMore.begin(), kMore.end(), end);
  *end = '\0';
  return status;
}

std::string_view without_trailing_space(std::string_view text) noexcept {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  return text;
}

// LibTorch's allocators for the CPU throw a plain error, so its text has to tell.
bool says_out_of_memory(std::string_view text) noexcept {
  return text.find("can't allocate memory") != std::string_view::npos ||
         text.find("not enough memory") != std::string_view::npos;
}

}  // namespace

std::int32_t report(tp_error* error) noexcept {
  try {
    throw;
  } catch (const Failure& failure) {
    return fill(error, failure.status(), failure.what());
  } catch (const c10::OutOfMemoryError& refused) {
    return fill(error, TP_OUT_OF_MEMORY, without_trailing_space(refused.what_without_backtrace()));
  } catch (const c10::Error& refused) {
    const std::string_view text = without_trailing_space(refused.what_without_backtrace());
    return fill(error, says_out_of_memory(text) ? TP_OUT_OF_MEMORY : TP_TORCH_ERROR, text);
  } catch (const std::bad_alloc&) {
    return fill(error, TP_OUT_OF_MEMORY, "There is not enough memory.");
  } catch (const std::exception& refused) {
    return fill(error, TP_TORCH_ERROR, without_trailing_space(refused.what()));
  } catch (...) {
    return fill(error, TP_INTERNAL, "An exception of an unknown kind was thrown.");
  }
}

void write_text(std::string_view text, char* buffer, std::int64_t capacity, std::int64_t* length) {
  if (capacity < 0) invalid_argument("The capacity of a buffer must not be negative.");
  if (capacity > 0) {
    require(buffer, "buffer");
    const std::size_t bytes = cut(text, static_cast<std::size_t>(capacity) - 1);
    std::memcpy(buffer, text.data(), bytes);
    buffer[bytes] = '\0';
  }
  if (length != nullptr) *length = static_cast<std::int64_t>(text.size());
}

}  // namespace tripoint::abi
