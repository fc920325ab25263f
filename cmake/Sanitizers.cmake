# tripoint_sanitizers(TARGET): address and undefined-behaviour sanitizers where TRIPOINT_SANITIZE is on.
option(TRIPOINT_SANITIZE "Build the kernels and their tests with sanitizers, without LibTorch" OFF)

function(tripoint_sanitizers target)
  if(TRIPOINT_SANITIZE)
    set(flags -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_compile_options(${target} PRIVATE ${flags})
    target_link_options(${target} PUBLIC ${flags})
  endif()
endfunction()
