using System.Globalization;
using System.Text;
using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Tests.Readings;

public sealed class MessageSensorTests
{
    [Theory]
    [InlineData("\"kitchen-1\"", "kitchen-1")]
    [InlineData("\"007\"", "007")]
    [InlineData("\"-0\"", "-0")]
    [InlineData("\"+7\"", "+7")]
    [InlineData("\" 7\"", " 7")]
    [InlineData("\"7.0\"", "7.0")]
    [InlineData("-1", "-1")]
    [InlineData("\"-1\"", "-1")]
    [InlineData("-2147483648", "-2147483648")]
    [InlineData("2147483648", "2147483648")]
    [InlineData("\"2147483648\"", "2147483648")]
    [InlineData("99999999999999999999999999", "99999999999999999999999999")]
    [InlineData("\"Küche\"", "Küche")]
    [InlineData("\"K\\u00fcche\"", "Küche")]
    [InlineData("\"\\ud83c\\udf21 \\\"a\\\"\\/b\"", "🌡 \"a\"/b")]
    [InlineData("\"датчик й\"", "датчик й")]
    [InlineData("\"Ku\u0308che\"", "Küche")]
    [InlineData("\"Ku\\u0308che\"", "Küche")]
    public void A_sensor_without_an_int32_id_has_a_name(string json, string name)
    {
        var sensor = new MessageSensor();
        Assert.Equal(SensorName.NoNumber, Parse(json, sensor).SensorId);
        Assert.Equal(name, Encoding.UTF8.GetString(sensor.Name));
    }

    [Theory]
    [InlineData("\"kitchen-1\"")]
    [InlineData("\"kitchen\\u002d1\"")]
    public void A_known_name_has_its_number(string json) => Assert.Equal(-5, Parse(json, Knowing("kitchen-1")).SensorId);

    [Theory]
    [InlineData("\"Küche\"")]
    [InlineData("\"Ku\u0308che\"")]
    public void A_known_name_has_its_number_in_any_form(string json) => Assert.Equal(-5, Parse(json, Knowing("Küche")).SensorId);

    [Fact]
    public void The_last_of_several_sensor_ids_counts()
    {
        var sensor = new MessageSensor();
        var json = """{"sensor_id":"a","timestamp":1732400000,"sensor_id":"b"}"""u8;
        Assert.Equal(RejectReason.None, Parsing.Parser.Parse(json, Parsing.Now, sensor, out var reading));
        Assert.Equal((SensorName.NoNumber, "b"), (reading.SensorId, Encoding.UTF8.GetString(sensor.Name)));
        json = """{"sensor_id":"a","timestamp":1732400000,"sensor_id":7}"""u8;
        Assert.Equal(RejectReason.None, Parsing.Parser.Parse(json, Parsing.Now, sensor, out reading));
        Assert.Equal(7, reading.SensorId);
    }

    [Theory]
    [InlineData(SensorName.MaxLength, true)]
    [InlineData(SensorName.MaxLength + 1, false)]
    public void A_name_has_at_most_200_characters(int length, bool isReading)
    {
        var wide = string.Concat(Enumerable.Repeat("🌡", length));
        foreach (var text in new[] { $"\"{new string('x', length)}\"", $"\"{wide}\"", new string('9', length) })
        {
            Assert.Equal(isReading ? RejectReason.None : RejectReason.InvalidSensorId, Parsing.ReasonFor(Parsing.Of(text)));
        }
    }

    [Fact]
    public void A_name_in_invalid_UTF8_is_not_JSON()
    {
        var message = Encoding.UTF8.GetBytes(Parsing.Of("\"kitchen\""));
        message[message.AsSpan().IndexOf("kit"u8)] = 0xFF;
        Assert.Equal(RejectReason.NotJson, Parsing.Parser.Parse(message, Parsing.Now, out _));
    }

    [Theory]
    [InlineData("\"датчик й\"")]
    [InlineData("\"Ku\u0308che\"")]
    [InlineData("99999999999")]
    [InlineData("\"kitchen-1\"")]
    [InlineData("\"kitchen\\u002d1\"")]
    public void A_known_name_costs_no_allocation(string json)
    {
        var text = Parsing.Of(json);
        var fresh = new MessageSensor();
        Parsing.Parser.Parse(Encoding.UTF8.GetBytes(text), Parsing.Now, fresh, out _);
        var (message, known) = (Encoding.UTF8.GetBytes(text), Knowing(Encoding.UTF8.GetString(fresh.Name)));
        var values = new MessageValues();
        Parsing.Parser.Parse(message, Parsing.Now, known, values, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Parsing.Parser.Parse(message, Parsing.Now, known, values, out var reading);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(-5, reading.SensorId);
    }

    [Theory]
    [InlineData("0", true)]
    [InlineData("2147483647", true)]
    [InlineData("2147483648", false)]
    [InlineData("00", false)]
    [InlineData("", false)]
    [InlineData("٣", false)]
    public void Text_is_an_id_only_as_the_id_is_written(string text, bool isId)
    {
        Assert.Equal(isId, SensorName.TryParseId(Encoding.UTF8.GetBytes(text), out var id));
        Assert.True(!isId || id.ToString(CultureInfo.InvariantCulture) == text);
    }

    private static MessageSensor Knowing(string name)
    {
        var known = Encoding.UTF8.GetBytes(name);
        return new((ReadOnlySpan<byte> text, out int number) =>
        {
            number = -5;
            return text.SequenceEqual(known);
        });
    }

    private static Reading Parse(string json, MessageSensor sensor)
    {
        var message = Encoding.UTF8.GetBytes(Parsing.Of(json));
        Assert.Equal(RejectReason.None, Parsing.Parser.Parse(message, Parsing.Now, sensor, out var reading));
        Parsing.Parser.ParseAny(message, sensor, out var other);
        Assert.Equal(reading.SensorId, other.SensorId);
        return reading;
    }
}
