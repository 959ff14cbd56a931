using System.Text.Json;
using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Tests.Readings;

public sealed class SensorRefTests
{
    [Theory]
    [InlineData("7", "7")]
    [InlineData("\"7\"", "7")]
    [InlineData("\"007\"", "007")]
    [InlineData("-5", "-5")]
    [InlineData("\"\\ud83c\\udf21\"", "🌡")]
    [InlineData("7.5", null)]
    [InlineData("null", null)]
    [InlineData("\"\"", null)]
    public void A_sensor_in_JSON_is_an_id_or_a_name(string json, string? sensor) =>
        Assert.Equal(sensor, SensorRef.Read(JsonDocument.Parse(json).RootElement)?.ToString());

    [Fact]
    public void A_text_that_is_not_Unicode_is_no_sensor()
    {
        byte[][] texts =
        [
            [.. "\"\\ud800\""u8], [.. "\"a\\udc00\""u8], [(byte)'"', 0xff, (byte)'"'], [(byte)'"', 0xed, 0xa0, 0x80, (byte)'"'],
        ];
        foreach (var json in texts)
        {
            Assert.Null(SensorRef.Read(JsonDocument.Parse(json).RootElement));
            Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<SensorRef>(json));
        }
    }
}
