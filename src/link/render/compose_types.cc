#include "link/render/compose_types.h"

#include <array>

namespace aethel::compose {
namespace {

using enum Type;

constexpr auto weight_device = std::to_array<Field>({
    {"Path", text, nullptr, Omit::never},
    {"Weight", unsigned_integer, nullptr, Omit::never},
});
constexpr Struct weight_device_struct{weight_device};
constexpr auto throttle_device = std::to_array<Field>({
    {"Path", text, nullptr, Omit::never},
    {"Rate", bytes, nullptr, Omit::never},
});
constexpr Struct throttle_device_struct{throttle_device};
constexpr auto blkio = std::to_array<Field>({
    {"weight", unsigned_integer},
    {"weight_device", objects, &weight_device_struct},
    {"device_read_bps", objects, &throttle_device_struct},
    {"device_read_iops", objects, &throttle_device_struct},
    {"device_write_bps", objects, &throttle_device_struct},
    {"device_write_iops", objects, &throttle_device_struct},
});
constexpr Struct blkio_struct{blkio};

constexpr auto file_reference = std::to_array<Field>({
    {"source", text},
    {"target", text},
    {"uid", text},
    {"gid", text},
    {"mode", file_mode, nullptr, Omit::when_absent},
});
constexpr Struct file_reference_struct{file_reference};
constexpr auto credential_spec =
    std::to_array<Field>({{"config", text}, {"file", text}, {"registry", text}});
constexpr Struct credential_spec_struct{credential_spec};
constexpr auto device =
    std::to_array<Field>({{"source", text}, {"target", text}, {"permissions", text}});
constexpr Struct device_struct{device};
constexpr auto env_file = std::to_array<Field>({
    {"path", text},
    {"required", boolean, nullptr, Omit::when_true},
    {"format", text},
});
constexpr Struct env_file_struct{env_file};
constexpr auto device_request = std::to_array<Field>({
    {"capabilities", texts},
    {"driver", text},
    {"count", device_count},
    {"device_ids", texts},
    {"options", mapping},
});
constexpr Struct device_request_struct{device_request};
constexpr auto logging = std::to_array<Field>({{"driver", text}, {"options", options}});
constexpr Struct logging_struct{logging};
constexpr auto service_model = std::to_array<Field>({{"endpoint_var", text}, {"model_var", text}});
constexpr Struct service_model_struct{service_model};
constexpr auto service_network = std::to_array<Field>({
    {"aliases", texts},
    {"driver_opts", options},
    {"gw_priority", integer},
    {"interface_name", text},
    {"ipv4_address", text},
    {"ipv6_address", text},
    {"link_local_ips", texts},
    {"mac_address", text},
    {"priority", integer},
    {"use_service_name_alias", boolean, nullptr, Omit::when_absent},
});
constexpr Struct service_network_struct{service_network};

constexpr auto volume_bind = std::to_array<Field>({
    {"selinux", text},
    {"propagation", text},
    {"create_host_path", boolean, nullptr, Omit::when_true},
    {"recursive", text},
});
constexpr Struct volume_bind_struct{volume_bind};
constexpr auto volume_volume =
    std::to_array<Field>({{"labels", mapping}, {"nocopy", boolean}, {"subpath", text}});
constexpr Struct volume_volume_struct{volume_volume};
constexpr auto volume_tmpfs = std::to_array<Field>({{"size", bytes}, {"mode", unsigned_integer}});
constexpr Struct volume_tmpfs_struct{volume_tmpfs};
constexpr auto volume_image = std::to_array<Field>({{"subpath", text}});
constexpr Struct volume_image_struct{volume_image};
constexpr auto service_volume = std::to_array<Field>({
    {"type", text},
    {"source", text},
    {"target", text},
    {"read_only", boolean},
    {"consistency", text},
    {"bind", object, &volume_bind_struct, Omit::when_absent},
    {"volume", object, &volume_volume_struct, Omit::when_absent},
    {"tmpfs", object, &volume_tmpfs_struct, Omit::when_absent},
    {"image", object, &volume_image_struct, Omit::when_absent},
});
constexpr Struct service_volume_struct{service_volume};

constexpr auto container = std::to_array<Field>({
    {"annotations", mapping},
    {"blkio_config", object, &blkio_struct, Omit::when_absent},
    {"cap_add", texts},
    {"cap_drop", texts},
    {"cgroup_parent", text},
    {"cgroup", text},
    {"cpu_count", integer},
    {"cpu_percent", number},
    {"cpu_period", integer},
    {"cpu_quota", integer},
    {"cpu_rt_period", integer},
    {"cpu_rt_runtime", integer},
    {"cpus", number},
    {"cpuset", text},
    {"cpu_shares", integer},
    {"command", command, nullptr, Omit::never},
    {"configs", objects, &file_reference_struct},
    {"credential_spec", object, &credential_spec_struct, Omit::when_absent},
    {"device_cgroup_rules", texts},
    {"devices", objects, &device_struct},
    {"dns", text_or_list},
    {"dns_opt", texts},
    {"dns_search", text_or_list},
    {"domainname", text},
    {"entrypoint", command, nullptr, Omit::never},
    {"environment", environment},
    {"env_file", objects, &env_file_struct},
    {"extra_hosts", hosts},
    {"group_add", number_list},
    {"gpus", objects, &device_request_struct},
    {"hostname", text},
    {"image", text},
    {"init", boolean, nullptr, Omit::when_absent},
    {"ipc", text},
    {"isolation", text},
    {"labels", labels},
    {"label_file", texts},
    {"logging", object, &logging_struct, Omit::when_absent},
    {"log_driver", text},
    {"log_opt", plain_map},
    {"mem_limit", bytes},
    {"mem_reservation", bytes},
    {"memswap_limit", bytes},
    {"mem_swappiness", bytes},
    {"mac_address", text},
    {"models", object_map, &service_model_struct},
    {"network_mode", text},
    {"networks", object_map, &service_network_struct},
    {"oom_kill_disable", boolean},
    {"oom_score_adj", integer},
    {"pid", text},
    {"pids_limit", integer},
    {"platform", text},
    {"privileged", boolean},
    {"pull_policy", text},
    {"pull_refresh_after", text},
    {"read_only", boolean},
    {"runtime", text},
    {"secrets", objects, &file_reference_struct},
    {"security_opt", texts},
    {"shm_size", bytes},
    {"stop_grace_period", duration, nullptr, Omit::when_absent},
    {"stop_signal", text},
    {"storage_opt", plain_map},
    {"sysctls", mapping},
    {"tmpfs", text_or_list},
    {"ulimits", ulimits},
    {"umask", unsigned_integer, nullptr, Omit::when_absent},
    {"use_api_socket", boolean},
    {"user", text},
    {"userns_mode", text},
    {"uts", text},
    {"volume_driver", text},
    {"volumes", objects, &service_volume_struct},
    {"volumes_from", texts},
    {"working_dir", text},
});
constexpr Struct container_struct{container};

constexpr auto build = std::to_array<Field>({
    {"context", text},
    {"dockerfile", text},
    {"dockerfile_inline", text},
    {"entitlements", texts},
    {"args", environment},
    {"provenance", text},
    {"sbom", text},
    {"ssh", ssh},
    {"labels", labels},
    {"cache_from", text_or_list},
    {"cache_to", text_or_list},
    {"no_cache", boolean},
    {"no_cache_filter", text_or_list},
    {"additional_contexts", mapping},
    {"pull", boolean},
    {"extra_hosts", hosts},
    {"isolation", text},
    {"network", text},
    {"target", text},
    {"secrets", objects, &file_reference_struct},
    {"shm_size", bytes},
    {"tags", text_or_list},
    {"ulimits", ulimits},
    {"platforms", text_or_list},
    {"privileged", boolean},
});
constexpr Struct build_struct{build};
constexpr auto dependency = std::to_array<Field>({
    {"condition", text},
    {"restart", boolean},
    {"required", boolean, nullptr, Omit::never},
});
constexpr Struct dependency_struct{dependency};
constexpr auto healthcheck = std::to_array<Field>({
    {"test", health_test},
    {"timeout", duration, nullptr, Omit::when_absent},
    {"interval", duration, nullptr, Omit::when_absent},
    {"retries", unsigned_integer, nullptr, Omit::when_absent},
    {"start_period", duration, nullptr, Omit::when_absent},
    {"start_interval", duration, nullptr, Omit::when_absent},
    {"disable", boolean},
});
constexpr Struct healthcheck_struct{healthcheck};
constexpr auto port = std::to_array<Field>({
    {"name", text},
    {"mode", text},
    {"host_ip", text},
    {"target", unsigned_integer},
    {"published", text},
    {"protocol", text},
    {"app_protocol", text},
});
constexpr Struct port_struct{port};
constexpr auto workload = std::to_array<Field>({
    {"build", object, &build_struct, Omit::when_absent},
    {"depends_on", object_map, &dependency_struct},
    {"dockerfile", text},
    {"expose", number_list},
    {"healthcheck", object, &healthcheck_struct, Omit::when_absent},
    {"ports", objects, &port_struct},
    {"stdin_open", boolean},
    {"tty", boolean},
});
constexpr Struct workload_struct{workload};

constexpr auto update = std::to_array<Field>({
    {"parallelism", unsigned_integer, nullptr, Omit::when_absent},
    {"delay", duration},
    {"failure_action", text},
    {"monitor", duration},
    {"max_failure_ratio", number},
    {"order", text},
});
constexpr Struct update_struct{update};
constexpr auto discrete_resource = std::to_array<Field>({
    {"kind", text, nullptr, Omit::never},
    {"value", integer, nullptr, Omit::never},
});
constexpr Struct discrete_resource_struct{discrete_resource};
constexpr auto generic_resource = std::to_array<Field>({
    {"discrete_resource_spec", object, &discrete_resource_struct, Omit::when_absent},
});
constexpr Struct generic_resource_struct{generic_resource};
constexpr auto resource = std::to_array<Field>({
    {"cpus", cpus},
    {"memory", bytes},
    {"pids", integer},
    {"devices", objects, &device_request_struct},
    {"generic_resources", objects, &generic_resource_struct},
});
constexpr Struct resource_struct{resource};
constexpr auto resources = std::to_array<Field>({
    {"limits", object, &resource_struct, Omit::when_absent},
    {"reservations", object, &resource_struct, Omit::when_absent},
});
constexpr Struct resources_struct{resources};
constexpr auto restart_policy = std::to_array<Field>({
    {"condition", text},
    {"delay", duration, nullptr, Omit::when_absent},
    {"max_attempts", unsigned_integer, nullptr, Omit::when_absent},
    {"window", duration, nullptr, Omit::when_absent},
});
constexpr Struct restart_policy_struct{restart_policy};
constexpr auto preference = std::to_array<Field>({{"spread", text}});
constexpr Struct preference_struct{preference};
constexpr auto placement = std::to_array<Field>({
    {"constraints", texts},
    {"preferences", objects, &preference_struct},
    {"max_replicas_per_node", unsigned_integer},
});
constexpr Struct placement_struct{placement};
constexpr auto deploy = std::to_array<Field>({
    {"mode", text},
    {"replicas", integer, nullptr, Omit::when_absent},
    {"labels", labels},
    {"update_config", object, &update_struct, Omit::when_absent},
    {"rollback_config", object, &update_struct, Omit::when_absent},
    {"resources", object, &resources_struct, Omit::never},
    {"restart_policy", object, &restart_policy_struct, Omit::when_absent},
    {"placement", object, &placement_struct, Omit::never},
    {"endpoint_mode", text},
});
constexpr Struct deploy_struct{deploy};

constexpr auto command_hook = std::to_array<Field>({
    {"command", command, nullptr, Omit::never},
    {"user", text},
    {"privileged", boolean},
    {"working_dir", text},
    {"environment", environment},
});
constexpr Struct command_hook_struct{command_hook};
constexpr auto trigger = std::to_array<Field>({
    {"path", text, nullptr, Omit::never},
    {"action", text, nullptr, Omit::never},
    {"target", text},
    {"exec", object, &command_hook_struct, Omit::never},
    {"include", texts},
    {"ignore", texts},
    {"initial_sync", boolean},
});
constexpr Struct trigger_struct{trigger};
constexpr auto develop = std::to_array<Field>({{"watch", objects, &trigger_struct}});
constexpr Struct develop_struct{develop};
constexpr auto provider = std::to_array<Field>({{"type", text}, {"options", multi_options}});
constexpr Struct provider_struct{provider};
constexpr auto extends = std::to_array<Field>({{"file", text}, {"service", text}});
constexpr Struct extends_struct{extends};
constexpr auto pre_start = std::to_array<Field>({{"per_replica", boolean}});
constexpr auto service = std::to_array<Field>({
    {"profiles", texts},
    {"deploy", object, &deploy_struct, Omit::when_absent},
    {"develop", object, &develop_struct, Omit::when_absent},
    {"restart", text},
    {"scale", integer, nullptr, Omit::when_absent},
    {"attach", boolean, nullptr, Omit::when_absent},
    {"container_name", text},
    {"provider", object, &provider_struct, Omit::when_absent},
    {"extends", object, &extends_struct, Omit::when_absent},
    {"external_links", texts},
    {"links", texts},
    {"net", text},
    {"pre_start", objects, &hook_struct},
    {"post_start", objects, &command_hook_struct},
    {"pre_stop", objects, &command_hook_struct},
});
constexpr auto schedule = std::to_array<Field>({
    {"cron", text},
    {"timezone", text},
    {"concurrency", text},
    {"missed_fires", text},
});
constexpr Struct schedule_struct{schedule};
constexpr auto triggers = std::to_array<Field>({
    {"manual", boolean, nullptr, Omit::when_absent},
    {"schedule", objects, &schedule_struct},
});
constexpr Struct triggers_struct{triggers};
constexpr auto job = std::to_array<Field>({
    {"profiles", texts},
    {"triggers", object, &triggers_struct, Omit::when_absent},
});
constexpr Struct job_struct{job, &container_struct, &workload_struct};

constexpr auto pool = std::to_array<Field>({
    {"subnet", text},
    {"gateway", text},
    {"ip_range", text},
    {"aux_addresses", mapping},
});
constexpr Struct pool_struct{pool};
constexpr auto ipam = std::to_array<Field>(
    {{"driver", text}, {"config", objects, &pool_struct}, {"options", options}});
constexpr Struct ipam_struct{ipam};
constexpr auto network = std::to_array<Field>({
    {"name", text},
    {"driver", text},
    {"driver_opts", options},
    {"ipam", object, &ipam_struct, Omit::never},
    {"external", boolean},
    {"internal", boolean},
    {"attachable", boolean},
    {"labels", labels},
    {"enable_ipv4", boolean, nullptr, Omit::when_absent},
    {"enable_ipv6", boolean, nullptr, Omit::when_absent},
});
constexpr Struct network_struct{network};
constexpr auto volume = std::to_array<Field>({
    {"name", text},
    {"driver", text},
    {"driver_opts", options},
    {"external", boolean},
    {"labels", labels},
});
constexpr Struct volume_struct{volume};
constexpr auto file_object = std::to_array<Field>({
    {"name", text},
    {"file", text},
    {"environment", text},
    {"content", text},
    {"external", boolean},
    {"labels", labels},
    {"driver", text},
    {"driver_opts", plain_map},
    {"template_driver", text},
});
constexpr Struct file_object_struct{file_object};
constexpr auto model = std::to_array<Field>({
    {"name", text},
    {"model", text},
    {"context_size", integer},
    {"runtime_flags", texts},
});
constexpr Struct model_struct{model};

constexpr auto project = std::to_array<Field>({
    {"name", text},
    {"services", object_map, &service_struct, Omit::never},
    {"jobs", object_map, &job_struct},
    {"networks", object_map, &network_struct},
    {"volumes", object_map, &volume_struct},
    {"secrets", object_map, &file_object_struct},
    {"configs", object_map, &file_object_struct},
    {"models", object_map, &model_struct},
});

} // namespace

constinit const Struct hook_struct{pre_start, &container_struct};
constinit const Struct service_struct{service, &container_struct, &workload_struct};
constinit const Struct project_struct{project};

const Field* find_field(const Struct& of, std::string_view name) {
  for (const Field& field : of.own)
    if (field.name == name) return &field;
  for (const Struct* embedded : {of.first, of.second})
    if (embedded != nullptr)
      if (const Field* field = find_field(*embedded, name)) return field;
  return nullptr;
}

bool is_container_attribute(std::string_view name) {
  return find_field(container_struct, name) != nullptr;
}

} // namespace aethel::compose
