using GrainSensors.Csv;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Tests.Csv;

/// <summary>The dialect and the header of CSV files.</summary>
public sealed class CsvFileTests
{
    private static readonly string[] Columns = ["sensor_id", "timestamp", "temperature", "humidity"];

    [Theory]
    [InlineData("sensor_id,timestamp,temperature\n7,10,21.5\n", false)]
    [InlineData("sensor_id;timestamp;temperature\n7;10;21.5\n", true)]
    [InlineData("sensor_id\ttimestamp\ttemperature\n7\t10\t21.5\n", true)]
    [InlineData("sensor_id|timestamp|temperature\n7|10|21.5\n", true)]
    [InlineData("sep=;\nsensor_id;timestamp;temperature\n7;10;21.5\n", true)]
    [InlineData("\"sep=|\"\r\nsensor_id|timestamp|temperature\r\n7|10|21.5\r\n", true)]
    [InlineData("sep=\t\nsensor_id\ttimestamp\ttemperature\n7\t10\t21.5\n", true)]
    [InlineData("# logger 5\", v2\n#\n\nsensor_id,timestamp,temperature\n7,10,21.5\n", false)]
    [InlineData("SENSOR_ID, \"Timestamp\" ,Temperature\n\"7\",10, 21.5 \n", false)]
    [InlineData("\"a;b;c;d;e\",sensor_id,timestamp,temperature\nx,7,10,21.5\n", false)]
    [InlineData("sensor_id,timestamp,temperature,\n7,10,21.5,\n", false)]
    public void The_dialect_is_found(string text, bool allowsComma)
    {
        using var file = CsvText.File(text, Columns);

        Assert.True(file.Read());
        Assert.Null(file.Error);
        Assert.Equal(["7", "10", "21.5"], Columns.Take(3).Select(column => file[file.Header.Find(column)].ToString()));
        Assert.Equal(-1, file.Header.Find("humidity"));
        Assert.Equal(allowsComma, file.AllowsDecimalComma);
        Assert.False(file.Read());
    }

    [Fact]
    public void Lines_are_counted_from_the_first_line_of_the_file()
    {
        using var file = CsvText.File("# comment\nsep=,\n\nsensor_id,timestamp\n\n7,10\n,\n\"8\n\",11\n9,12\n", Columns);
        var lines = new List<long>();
        while (file.Read())
        {
            lines.Add(file.Line);
        }

        Assert.Equal([6, 8, 10], lines);
    }

    [Theory]
    [InlineData("7,10,21,5", "expected 3 fields; got 4; numbers with a decimal comma need another delimiter, such as ;")]
    [InlineData("7,10,21.5,,,5", "expected 3 fields; got 6; numbers with a decimal comma need another delimiter, such as ;")]
    [InlineData("7,10", "expected 3 fields; got 2")]
    [InlineData("7,10,21.5,", null)]
    [InlineData("7,10,21.5, ,", null)]
    public void Surplus_fields_must_be_empty(string line, string? error)
    {
        foreach (var header in new[] { "sensor_id,timestamp,temperature", "sensor_id,timestamp,temperature," })
        {
            using var file = CsvText.File($"{header}\n{line}\n", Columns);

            Assert.True(file.Read());
            Assert.Equal(error, file.Error);
        }
    }

    [Fact]
    public void Surplus_with_another_delimiter_is_no_matter_of_commas()
    {
        using var file = CsvText.File("sensor_id;timestamp\n7;10;5\n", Columns);

        Assert.True(file.Read());
        Assert.Equal("expected 2 fields; got 3", file.Error);
    }

    [Theory]
    [InlineData("", "readings.csv is empty; its first line must name the columns, such as sensor_id,timestamp.")]
    [InlineData("\n# only a comment\n", "readings.csv is empty; its first line must name the columns, such as sensor_id,timestamp.")]
    [InlineData("sensor_id,timestamp,Timestamp\n", "readings.csv has two columns \"timestamp\"; rename one.")]
    [InlineData("sensor_id,\"timestamp\n", "readings.csv, line 1: the header is invalid; a quote is unclosed or misplaced.")]
    [InlineData("ab\0\u001b[31m,b\n", "readings.csv is not a text file; its header is \"ab\\u0000\\u001b[31m\".")]
    public void A_file_without_a_header_is_told(string text, string message) =>
        Assert.Equal(message, Assert.Throws<UsageException>(() => CsvText.File(text, Columns)).Message);

    [Theory]
    [InlineData(
        "Device;Zeit;Temp (°C);rh\n",
        "readings.csv has no column sensor_id and no column timestamp and no column temperature or humidity; "
        + "its columns are Device, Zeit, Temp (°C), rh. "
        + "If the names mean the same, add --columns sensor_id=Device,timestamp=Zeit,temperature=\"Temp (°C)\",humidity=rh")]
    [InlineData(
        "sensorId,ts,temperature\n",
        "readings.csv has no column sensor_id and no column timestamp; its columns are sensorId, ts, temperature. "
        + "If the names mean the same, add --columns sensor_id=sensorId,timestamp=ts")]
    [InlineData(
        "id,when?,Temperature (°C)\n",
        "readings.csv has no column timestamp and no column temperature or humidity; its columns are id, when?, Temperature (°C). "
        + "Name the columns with --columns timestamp=NAME,temperature=\"Temperature (°C)\"",
        "sensor_id=id")]
    [InlineData(
        "sensor_id,timestamp,\"Temp, 'C'\"\n",
        "readings.csv has no column temperature or humidity; its columns are sensor_id, timestamp, Temp, 'C'. "
        + "If the names mean the same, add --columns temperature='\"Temp, '\\''C'\\''\"'")]
    [InlineData(
        "sensor_id,timestamp,\"Temperature, inside\"\n",
        "readings.csv has no column temperature or humidity; its columns are sensor_id, timestamp, Temperature, inside. "
        + "Name the columns with --columns temperature=NAME")]
    [InlineData(
        "sensor_id,timestamp,\"Temp (a,b)\"\n",
        "readings.csv has no column temperature or humidity; its columns are sensor_id, timestamp, Temp (a,b). "
        + "If the names mean the same, add --columns temperature='\"Temp (a,b)\"'")]
    public void Names_of_others_are_proposed_and_not_guessed(string header, string message, string? mapping = null)
    {
        var format = CsvFormat.Default with { Columns = mapping is null ? [] : new() { [mapping.Split('=')[0]] = mapping.Split('=')[1] } };
        using var file = new CsvFile(CsvText.Source(header), format, Columns, "");

        var failure = Assert.Throws<UsageException>(() => file.Header.Require(["sensor_id"], ["timestamp"], ["temperature", "humidity"]));

        Assert.Equal(message, failure.Message);
    }

    [Fact]
    public void Mapped_columns_are_found_in_any_case_and_their_own_names_stand_back()
    {
        var format = CsvFormat.Default with
        {
            Columns = new() { ["Sensor_ID"] = "device", ["temperature"] = "Temp (°C)", ["humidity"] = "timestamp" },
        };
        using var file = new CsvFile(CsvText.Source("sensor_id,Device,Temp (°C),Timestamp\n"), format, Columns, "");

        Assert.Equal([1, -1, 2, 3], Columns.Select(file.Header.Find));
    }

    [Theory]
    [InlineData("speed", "a", "--columns must name sensor_id, timestamp, temperature, humidity; got \"speed\".")]
    [InlineData("timestamp", "c\u001b", "readings.csv has no column \"c\\u001b\", which --columns names. Its columns are a, b.")]
    public void A_mapping_that_cannot_be_is_told(string column, string name, string message)
    {
        var format = CsvFormat.Default with { Columns = new() { [column] = name } };

        Assert.Equal(message, Assert.Throws<UsageException>(() => new CsvFile(CsvText.Source("a,b\n"), format, Columns, "")).Message);
    }

    [Fact]
    public void One_column_cannot_be_two()
    {
        var format = CsvFormat.Default with { Columns = new() { ["temperature"] = "a", ["humidity"] = "A" } };

        Assert.Equal(
            "--columns names the column \"A\" twice; give each column once.",
            Assert.Throws<UsageException>(() => new CsvFile(CsvText.Source("a,b\n"), format, Columns, "")).Message);
    }
}
