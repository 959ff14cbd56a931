using GrainSensors.Sources.Configuration;

namespace GrainSensors.Sources.Presets;

/// <summary>The format and the mapping of a preset.</summary>
internal sealed record KnownPayload(SourceFormat Format, MappingOptions Mapping)
{
    /// <summary>The paths of what the format writes.</summary>
    private static readonly MappingOptions SenMl = new()
    {
        Sensor = "{/sensor}",
        Time = "/time",
        TimeUnit = TimeUnit.Us,
        Numbers = "/values",
    };

    private static readonly Dictionary<SourcePreset, KnownPayload> All = new()
    {
        [SourcePreset.None] = new(SourceFormat.Json, new()),

        // https://docs.rs/chirpstack_api/4.18.0/chirpstack_api/integration/struct.UplinkEvent.html, as JSON.
        // The codec of the device profile fills object.
        [SourcePreset.ChirpStack] = new(SourceFormat.Json, new()
        {
            Sensor = "{/deviceInfo/devEui}",
            Time = "/time",
            Numbers = "/object",
        }),

        // https://www.thethingsindustries.com/docs/integrations/data-formats/, uplink messages. An application's payload formatter fills
        // decoded_payload; device_id is unique in its application only.
        [SourcePreset.ThingsStack] = new(SourceFormat.Json, new()
        {
            Sensor = "{/end_device_ids/dev_eui}",
            Time = "/uplink_message/received_at",
            Numbers = "/uplink_message/decoded_payload",
        }),

        // https://thingsboard.io/docs/reference/gateway-api/telemetry/
        [SourcePreset.ThingsBoardGateway] = new(SourceFormat.Json, new()
        {
            Readings = "/{device}/*",
            Sensor = "{device}",
            Time = "/{device}/*/ts",
            TimeUnit = TimeUnit.Ms,
            Numbers = "/{device}/*/values",
        }),

        // https://thingsboard.io/docs/reference/mqtt-api/telemetry/, with client-side timestamps. The access token that names the device
        // is not in the message, so the key of the Kafka message must.
        [SourcePreset.ThingsBoard] = new(SourceFormat.Json, new()
        {
            Readings = "/*",
            Sensor = "{key}",
            Time = "/*/ts",
            TimeUnit = TimeUnit.Ms,
            Numbers = "/*/values",
        }),

        // https://www.zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html. last_seen is off unless it is configured.
        [SourcePreset.Zigbee2Mqtt] = new(SourceFormat.Json, new()
        {
            Topic = "zigbee2mqtt/{sensor*}",
            ExcludeTopics = ["zigbee2mqtt/bridge/*", "*/availability", "*/set", "*/set/*", "*/get", "*/get/*"],
            Sensor = "{sensor}",
            Time = "/last_seen",
            RequireOffset = true,
            Numbers = "",
            Exclude = ["update_*"],
        }),

        // https://tasmota.github.io/docs/AM2301/ and other pages of sensors. Time is local unless SetOption52 adds the offset.
        [SourcePreset.Tasmota] = new(SourceFormat.Json, new()
        {
            Topic = "tele/{sensor*}/SENSOR",
            Sensor = "{sensor}",
            Time = "/Time",
            RequireOffset = true,
            Numbers = "",
        }),

        // https://www.home-assistant.io/integrations/mqtt_statestream/
        [SourcePreset.HomeAssistant] = new(SourceFormat.Text, new()
        {
            Topic = "{base*}/{domain}/{entity}/state",
            Sensor = "{domain}.{entity}",
            Values = new Dictionary<string, string> { ["state"] = "" },
        }),

        [SourcePreset.SenMl] = new(SourceFormat.SenMl, SenMl),
        [SourcePreset.SenMlCbor] = new(SourceFormat.SenMlCbor, SenMl),

        // https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/. Telegraf gives every line the tag host.
        [SourcePreset.Influx] = new(SourceFormat.Influx, new()
        {
            Sensor = "{/tags/host}",
            Time = "/time",
            TimeUnit = TimeUnit.Ns,
            Numbers = "/fields",
            Prefix = "{/measurement}_",
        }),
    };

    public static KnownPayload Of(SourcePreset preset) => All[preset];
}
