using GrainSensors.Core.Readings;

namespace GrainSensors.Tests.Replay;

/// <summary>Readings of a recording, and the lines that are none.</summary>
public sealed class CsvReadingsTests
{
    private const string Commas = "; numbers with a decimal comma need another delimiter, such as ;";

    [Fact]
    public void A_decimal_comma_between_commas_is_refused_and_never_the_next_value()
    {
        Assert.Equal(
            [$"2: expected 3 fields; got 4{Commas}", $"3: expected 3 fields; got 4{Commas}", "4: 2024-11-23T22:13:50Z 7 21.5 NaN"],
            Replayed.Read("sensor_id,timestamp,temperature\n7,1732400000,21,5\n7,1732400010,-3,25\n7,1732400030,21.5,\n").Lines);
        Assert.Equal(
            [$"2: expected 4 fields; got 6{Commas}"],
            Replayed.Read("sensor_id,timestamp,temperature,humidity\n7,1732400000,21,5,60,2\n").Lines);
        Assert.Equal(
            ["2: temperature must be a number; got \"21,5\""],
            Replayed.Read("sensor_id,timestamp,temperature\n7,1732400000,\"21,5\"\n").Lines);
    }

    [Theory]
    [InlineData(';')]
    [InlineData('\t')]
    [InlineData('|')]
    public void A_decimal_comma_between_other_delimiters_is_a_number(char delimiter) =>
        Assert.Equal(
            ["2: 2024-11-23T22:13:20Z 7 21.5 60.1", "3: 2024-11-23T22:13:30Z 7 21.5 60"],
            Replayed.Read(
                "sensor_id;timestamp;temperature;humidity\n7;2024-11-23 22:13:20;21,5;60,1\n7;2024-11-23 22:13:30;21.5;60\n"
                    .Replace(';', delimiter)).Lines);

    [Fact]
    public void Words_for_no_value_keep_the_rest_of_the_line()
    {
        var words = new[] { "", "NaN", "nan", "NA", "N/A", "null", "-" };
        var lines = words.Select((word, i) => $"7,{1732400000 + i},{word},60\n");

        Assert.Equal(
            words.Select((_, i) => $"{i + 2}: 2024-11-23T22:13:2{i}Z 7 NaN 60"),
            Replayed.Read("sensor_id,timestamp,temperature,humidity\n" + string.Concat(lines)).Lines);
    }

    [Fact]
    public void Configured_missing_values_are_no_values()
    {
        var measurements = new MeasurementSet(
            MeasurementSet.Default.All.Select(measurement => measurement with { Missing = [-999, -127, 85] }));

        Assert.Equal(
            [
                "2: 2024-11-23T22:13:20Z 7 NaN 62",
                "3: 2024-11-23T22:13:21Z 7 NaN NaN",
                "4: temperature must be from -273.15 to 10000; got -998",
            ],
            Replayed.Read(
                "sensor_id,timestamp,temperature,humidity\n7,1732400000,-999,62\n7,1732400001,-127.0,85\n7,1732400002,-998,1\n",
                measurements: measurements).Lines);
    }

    [Fact]
    public void What_would_help_the_rejected_lines_is_said_once()
    {
        var replayed = Replayed.Read(
            "sensor_id,timestamp,temperature,humidity\n7,03/04/2024 10:00,21,\n7,03/04/2024 10:01,21,\n7,1732400000,-999,\n"
            + "7,1732400000,21,-999\n7,1732400001,\"21,5\",\n");

        Assert.Equal(5, replayed.Lines.Count);
        Assert.Equal(
            [
                "times in other forms were rejected; give their form, such as --time-format \"dd/MM/yyyy HH:mm\"",
                "numbers out of range were rejected; list those that mean \"no value\" in Measurements:0:Missing",
                "numbers with a decimal comma were rejected; between commas they need a point",
            ],
            replayed.Notes);
    }

    [Fact]
    public void Quoted_fields_may_have_line_breaks_and_lines_keep_their_numbers() =>
        Assert.Equal(
            ["2: 2024-11-23T22:13:20Z 7 21.5 NaN", "4: temperature must be a number; got \"warm\""],
            Replayed.Read("sensor_id,timestamp,temperature,note\n7,1732400000,21.5,\"two\nlines\"\n7,1732400010,warm,\n").Lines);

    [Fact]
    public void Columns_of_other_names_are_mapped() =>
        Assert.Equal(
            ["2: 2024-11-23T22:13:20Z 7 21.5 60"],
            Replayed.Read(
                "Device;Zeit;Temp (°C);Luftfeuchtigkeit\n7;2024-11-23 22:13:20;21,5;60\n",
                columns:
                [
                    ("sensor_id", "Device"), ("timestamp", "Zeit"), ("temperature", "Temp (°C)"), ("humidity", "Luftfeuchtigkeit"),
                ]).Lines);

    [Fact]
    public void A_cell_in_a_message_is_cut_and_escaped()
    {
        var replayed = Replayed.Read(
            $"sensor_id,timestamp,temperature\n7,1732400000,21.5\n{new string('\0', 4096)}7,1732400010,21.6\n"
            + $"7,1732400020,{new string('9', 400)}\n7,17324");

        Assert.Equal("2: 2024-11-23T22:13:20Z 7 21.5 NaN", replayed.Lines[0]);
        Assert.StartsWith(
            "3: sensor_id must be an integer from 0 to 2147483647, or a name of 1 to 200 characters; got \"\\u0000",
            replayed.Lines[1],
            StringComparison.Ordinal);
        Assert.EndsWith("…\"", replayed.Lines[1], StringComparison.Ordinal);
        Assert.EndsWith($"got \"{new string('9', 59)}…\"", replayed.Lines[2], StringComparison.Ordinal);
        Assert.Equal("5: expected 3 fields; got 2", replayed.Lines[3]);
    }

    [Fact]
    public void Text_is_a_name_and_an_id_with_leading_zeros_is_an_integer()
    {
        string[] ids = ["007", "kitchen-1", "-5", "'-x", "kitchen-1", "7.0", "9000000000"];
        var replayed = Replayed.Read("sensor_id,timestamp,temperature\n" + string.Concat(ids.Select(id => $"{id},1732400000,21\n")));
        Assert.Equal(
            ["7", "kitchen-1", "-5", "-x", "kitchen-1", "9000000000"],
            replayed.Lines.Where(line => !line.Contains("must be", StringComparison.Ordinal)).Select(line => line.Split(' ')[2]));
        Assert.Contains("got \"7.0\"", replayed.Lines[5], StringComparison.Ordinal);
        Assert.Equal(["ids with leading zeros, such as 007, were read as integers; '007 would be a name"], replayed.Notes);
    }
}
