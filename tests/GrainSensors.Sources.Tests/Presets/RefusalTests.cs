using GrainSensors.Sources.Configuration;

namespace GrainSensors.Sources.Tests.Presets;

/// <summary>Payloads that almost fit: the rejection says what is missing.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData("\"devEui\"", "\"devEUI\"", "0 no-sensor-id: /deviceInfo/devEui is missing")]
    [InlineData("\"object\"", "\"objectJSON\"", "0 no-measurement: the reading has no number below /object")]
    [InlineData("2026-11-24T10", "24.11.2026 10", "0 invalid-timestamp: /time must be a number of seconds or milliseconds since 1970, "
        + "or a time in ISO 8601; got 24.11.2026 10:15:00.775023242+01:00")]
    public void Of_ChirpStack(string part, string other, string rejection) => Assert.Equal(
        rejection, ReadingLog.Of(SourcePreset.ChirpStack, Samples.ChirpStack.Replace(part, other, StringComparison.Ordinal)).Rejection);

    [Theory]
    [InlineData("\"dev_eui\"", "\"x\"", "0 no-sensor-id: /end_device_ids/dev_eui is missing")]
    [InlineData("\"uplink_message\"", "\"join_accept\"",
        "0 no-measurement: the reading has no number below /uplink_message/decoded_payload")]
    public void Of_The_Things_Stack(string part, string other, string rejection) => Assert.Equal(
        rejection, ReadingLog.Of(SourcePreset.ThingsStack, Samples.ThingsStack.Replace(part, other, StringComparison.Ordinal)).Rejection);

    [Fact]
    public void Of_a_ThingsBoard_gateway()
    {
        var log = ReadingLog.Of(
            SourcePreset.ThingsBoardGateway,
            """{"A":[{"temperature":1},{"ts":"x","values":{"t":2}},{"values":{"t":3}}],"":[{"values":{"t":1}}]}""");

        Assert.Equal(["A - t=3"], log.Lines);
        Assert.Equal(
            [
                "0 NoMeasurement the reading has no number below /{device}/*/values",
                "1 InvalidTimestamp /{device}/*/ts must be a number of milliseconds since 1970, or a time in ISO 8601; got x",
                "3 InvalidSensorId the sensor must be an id or a name of 1 to 200 characters without control characters; got \"\"",
            ],
            log.Rejected.Select(part => $"{part.Index} {part.Reason} {part.Detail}"));
        Assert.Equal(
            "no-reading: the message has nothing at /{device}/*", ReadingLog.Of(SourcePreset.ThingsBoardGateway, "{}").Rejection);
    }

    [Fact]
    public void Of_a_ThingsBoard_device() => Assert.Equal(
        "0 no-sensor-id: the key of the message is missing or empty",
        ReadingLog.Of(SourcePreset.ThingsBoard, """{"ts":1795515300000,"values":{"t":1}}""").Rejection);

    [Theory]
    [InlineData("zigbee2mqtt/bridge/info",
        "no-sensor-id: topic \"zigbee2mqtt/bridge/info\" is one of Mapping:ExcludeTopics (zigbee2mqtt/bridge/*)")]
    [InlineData("zigbee/fridge", "no-sensor-id: topic \"zigbee/fridge\" does not match Mapping:Topic \"zigbee2mqtt/{sensor*}\"")]
    [InlineData("", "no-sensor-id: the message has no topic, which Mapping:Topic needs (\"zigbee2mqtt/{sensor*}\")")]
    public void Of_Zigbee2MQTT(string topic, string rejection) =>
        Assert.Equal(rejection, ReadingLog.Of(SourcePreset.Zigbee2Mqtt, Samples.Zigbee2Mqtt, topic: topic).Rejection);

    [Fact]
    public void Of_Zigbee2MQTT_without_a_number() => Assert.Equal(
        "0 no-measurement: the reading has no number in it",
        ReadingLog.Of(SourcePreset.Zigbee2Mqtt, """{"action":"single"}""", topic: "zigbee2mqtt/switch").Rejection);

    [Fact]
    public void Of_Tasmota() => Assert.Equal(
        "no-sensor-id: topic \"tele/cellar/STATE\" does not match Mapping:Topic \"tele/{sensor*}/SENSOR\"",
        ReadingLog.Of(SourcePreset.Tasmota, Samples.Tasmota, topic: "tele/cellar/STATE").Rejection);

    [Fact]
    public void Of_Home_Assistant() => Assert.Equal(
        "0 invalid-value: the value must be a number, a boolean or null; got above_horizon",
        ReadingLog.Of(SourcePreset.HomeAssistant, "above_horizon", topic: "ha/sun/sun/state").Rejection);

    [Theory]
    [InlineData("""{"n":"t","v":1}""", "malformed: the message is not valid SenML: it must be an array of records")]
    [InlineData("""[{"bn":7}]""", "malformed: the message is not valid SenML: bn must be text")]
    [InlineData("""[{"bver":11,"n":"t","v":1}]""", "malformed: the message is not valid SenML: bver must be at most 10")]
    [InlineData("""[{"v":1}]""", "0 malformed: the record is not valid SenML: it has neither n nor bn")]
    [InlineData("""[{"n":"t","v":"1"}]""", "0 malformed: the record is not valid SenML: v must be a number")]
    [InlineData("""[{"n":"t","v":1,"new_":1}]""", "0 malformed: the record is not valid SenML: new_ must be understood, and is not known")]
    [InlineData("""[{"n":"t","t":-5,"v":1}]""",
        "0 malformed: the record is not valid SenML: its time is relative to that of its message, which is not known")]
    [InlineData("""[{"-2":"s","0":"t","2":1}]""", "no-reading: the message has no reading")]
    [InlineData("""[{"n":"t","vs":"on"}]""", "no-reading: the message has no reading")]
    public void Of_SenML(string payload, string rejection) =>
        Assert.Equal(rejection, ReadingLog.Of(SourcePreset.SenMl, payload).Rejection);

    [Theory]
    [InlineData("weather,host=a", "0 malformed: the line is not InfluxDB line protocol: the fields are missing: weather,host=a")]
    [InlineData("weather,host= t=1", "0 malformed: the line is not InfluxDB line protocol: a tag is not KEY=VALUE: weather,host= t=1")]
    [InlineData("weather,host=a t=", "0 malformed: the line is not InfluxDB line protocol: a field is neither a number, nor a boolean, "
        + "nor text in quotes: weather,host=a t=")]
    [InlineData("weather,host=a t=1 soon", "0 malformed: the line is not InfluxDB line protocol: the timestamp is not an integer: "
        + "weather,host=a t=1 soon")]
    [InlineData("weather,room=a t=1", "0 no-sensor-id: /tags/host is missing")]
    [InlineData("weather,host=a t=\"1\"", "0 no-measurement: the reading has no number below /fields")]
    public void Of_line_protocol(string payload, string rejection) =>
        Assert.Equal(rejection, ReadingLog.Of(SourcePreset.Influx, payload).Rejection);
}
