using GrainSensors.Sources.Configuration;

namespace GrainSensors.Sources.Tests.Presets;

/// <summary>From the bytes that devices and gateways send to readings.</summary>
public sealed class PresetTests
{
    private const string Timestamp = "2026-11-24T10:15:02Z";

    [Fact]
    public void An_uplink_of_ChirpStack_is_a_reading_of_its_device() => Assert.Equal(
        "0101010101010101 2026-11-24T09:15:00.775023Z temperature=25.7 humidity=62.5 battery=92 door_open=0",
        ReadingLog.Of(SourcePreset.ChirpStack, Samples.ChirpStack).Line);

    [Fact]
    public void An_uplink_of_The_Things_Stack_is_a_reading_of_its_device() => Assert.Equal(
        "0004A30B001C0530 2026-11-24T10:15:01.103504Z temperature=19.5 luminosity=0.64 leak=1",
        ReadingLog.Of(SourcePreset.ThingsStack, Samples.ThingsStack).Line);

    [Fact]
    public void A_message_of_a_ThingsBoard_gateway_has_readings_of_several_devices()
    {
        var log = ReadingLog.Of(SourcePreset.ThingsBoardGateway, Samples.ThingsBoardGateway, timestamp: Timestamp);

        Assert.Equal(
            [
                "Boiler A 2026-11-24T10:15:00Z temperature=61.5 burner=1",
                "Boiler A 2026-11-24T10:15:01Z temperature=62",
                "Boiler B 2026-11-24T10:15:02Z temperature=40",
            ],
            log.Lines);
        Assert.Empty(log.Rejected);
    }

    [Fact]
    public void Telemetry_of_a_ThingsBoard_device_is_of_the_sensor_of_the_key()
    {
        Assert.Equal(
            ["pump 2026-11-24T10:15:00Z temperature=22.5 humidity=61", "pump 2026-11-24T10:15:01Z temperature=22.7"],
            ReadingLog.Of(SourcePreset.ThingsBoard, Samples.ThingsBoard, key: "pump").Lines);
        Assert.Equal(
            "pump 2026-11-24T10:15:00Z temperature=22.5",
            ReadingLog.Of(SourcePreset.ThingsBoard, """{"ts":1795515300000,"values":{"temperature":22.5}}""", key: "pump").Line);
    }

    [Fact]
    public void A_state_of_Zigbee2MQTT_is_a_reading_of_the_friendly_name()
    {
        Assert.Equal(
            "kitchen/fridge 2026-11-24T10:15:00.500000Z battery=86 humidity=55.43 linkquality=97 pressure=1000.6 temperature=22.75 "
            + "occupancy=1 action=null",
            ReadingLog.Of(SourcePreset.Zigbee2Mqtt, Samples.Zigbee2Mqtt, topic: "zigbee2mqtt/kitchen/fridge").Line);
        Assert.Equal(
            "fridge 2026-11-24T10:15:02Z temperature=4",
            ReadingLog.Of(SourcePreset.Zigbee2Mqtt, """{"temperature":4}""", topic: "zigbee2mqtt/fridge", timestamp: Timestamp).Line);
    }

    [Fact]
    public void Telemetry_of_Tasmota_without_an_offset_has_the_time_of_the_message()
    {
        Assert.Equal(
            "cellar 2026-11-24T10:15:02Z DS18B20-1_Temperature=4.5 AM2301_Temperature=24.6 AM2301_Humidity=58.2",
            ReadingLog.Of(SourcePreset.Tasmota, Samples.Tasmota, topic: "tele/cellar/SENSOR", timestamp: Timestamp).Line);
        Assert.Equal(
            "cellar 2026-11-24T10:15:00Z DS18B20-1_Temperature=4.5 AM2301_Temperature=24.6 AM2301_Humidity=58.2",
            ReadingLog.Of(
                SourcePreset.Tasmota,
                Samples.Tasmota.Replace(":00\"", ":00+01:00\"", StringComparison.Ordinal),
                topic: "tele/cellar/SENSOR",
                timestamp: Timestamp).Line);
    }

    [Theory]
    [InlineData("21.5", "state=21.5")]
    [InlineData("on", "state=1")]
    [InlineData("OFF", "state=0")]
    [InlineData("unavailable", "state=null")]
    [InlineData("unknown", "state=null")]
    public void A_state_of_Home_Assistant_is_a_reading_of_the_entity(string payload, string value) => Assert.Equal(
        $"sensor.outdoor 2026-11-24T10:15:02Z {value}",
        ReadingLog.Of(SourcePreset.HomeAssistant, payload, topic: "home/assistant/sensor/outdoor/state", timestamp: Timestamp).Line);

    [Fact]
    public void Records_of_SenML_with_one_name_and_time_are_a_reading() => Assert.Equal(
        [
            "urn:dev:ow:10e2073a01080063 2026-11-24T10:15:00.001000Z voltage=120.1 current=1.2",
            "urn:dev:ow:10e2073a01080063 2026-11-24T10:14:55.001000Z current=1.3 door=1",
        ],
        ReadingLog.Of(SourcePreset.SenMl, Samples.SenMl).Lines);

    [Fact]
    public void A_line_of_line_protocol_is_a_reading_of_its_host() => Assert.Equal(
        [
            "pi 1 2026-11-24T10:15:00.123456Z weather_temperature=21.5 weather_count=3 weather_wet=0",
            "pi2 2026-11-24T10:15:02Z disk_used=1000",
        ],
        ReadingLog.Of(SourcePreset.Influx, Samples.Influx, timestamp: Timestamp).Lines);
}
