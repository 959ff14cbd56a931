using System.Text.Json.Serialization;

namespace GrainSensors.Sources.Configuration;

/// <summary>Payloads whose format and mapping are known.</summary>
public enum SourcePreset
{
    /// <summary>Format and mapping are those of the configuration.</summary>
    None,

    /// <summary>Uplink events of ChirpStack v4.</summary>
    ChirpStack,

    /// <summary>Uplink messages of The Things Stack v3.</summary>
    [JsonStringEnumMemberName("things-stack")]
    ThingsStack,

    /// <summary>Telemetry of ThingsBoard gateways.</summary>
    [JsonStringEnumMemberName("thingsboard-gateway")]
    ThingsBoardGateway,

    /// <summary>Telemetry of ThingsBoard devices.</summary>
    ThingsBoard,

    Zigbee2Mqtt,

    /// <summary>Telemetry of Tasmota (<c>SENSOR</c>).</summary>
    Tasmota,

    /// <summary>States of Home Assistant's MQTT Statestream.</summary>
    [JsonStringEnumMemberName("home-assistant")]
    HomeAssistant,

    /// <summary>SenML in JSON (RFC 8428).</summary>
    SenMl,

    /// <summary>SenML in CBOR.</summary>
    [JsonStringEnumMemberName("senml-cbor")]
    SenMlCbor,

    /// <summary>InfluxDB line protocol.</summary>
    Influx,
}
