// The system's own vulkan.hpp, and the few names of VK_EXT_layer_settings that ggml uses and that headers
// before 1.3.272 lack. setup/gpu.sh puts this folder first; with newer headers it adds nothing.
#pragma once
#include_next <vulkan/vulkan.hpp>

#ifndef VK_EXT_layer_settings
#include <cstdint>
#include <vector>

namespace VULKAN_HPP_NAMESPACE {

enum class LayerSettingTypeEXT : int32_t { eBool32 = 0 };

struct LayerSettingEXT {
    const char * layer;
    const char * name;
    LayerSettingTypeEXT type;
    uint32_t count;
    const void * values;
};

// The layout is the specification's: a driver that does not know the structure passes over it.
struct LayerSettingsCreateInfoEXT {
    explicit LayerSettingsCreateInfoEXT(const std::vector<LayerSettingEXT> & settings)
        : count(static_cast<uint32_t>(settings.size())), settings(settings.data()) {}

    int32_t type = 1000496000; // VK_STRUCTURE_TYPE_LAYER_SETTINGS_CREATE_INFO_EXT
    const void * next = nullptr;
    uint32_t count;
    const LayerSettingEXT * settings;
};

} // namespace VULKAN_HPP_NAMESPACE
#endif
