using System.Text;
using CsCheck;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;

namespace GrainSensors.Core.Tests.Readings;

public sealed class DiscoveryTests
{
    private readonly MessageValues _values = new() { TakesNew = true };

    [Theory]
    [InlineData("\"pressure\":1013.25", "pressure=1013.25")]
    [InlineData("\"temperature\":21.5,\"co2\":412,\"battery\":0.93", "temperature=21.5 co2=412 battery=0.93")]
    [InlineData("\"door\":true,\"motion\":false", "door=1 motion=0")]
    [InlineData("\"pm2.5\": 7, \"℃ outside\": -3e1", "pm2.5=7 ℃ outside=-30")]
    [InlineData("\"co\\u0032\":5,\"a\\\"b\":6", "co2=5 a\"b=6")]
    [InlineData("\"co2\":5,\"unit\":\"ppm\",\"at\":{\"x\":1},\"list\":[1]", "co2=5")]
    [InlineData("\"co2\":5,\"co2\":6", "co2=6")]
    [InlineData("\"co2\":5,\"co2\":null", "")]
    [InlineData("\"co2\":5,\"co2\":\"high\"", "")]
    [InlineData("\"co2\":null", "")]
    [InlineData("\"co2\":5,\"huge\":1e300,\"endless\":1e999", "co2=5")]
    public void Numbers_and_booleans_are_measurements(string members, string expected)
    {
        var catalog = Catalog();

        // New names, names that are only proposed, and stored ones give the same values.
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(RejectReason.None, Parse(catalog, members));
            Assert.Equal(expected, Text(catalog));
            if (round == 1)
            {
                catalog.Admit(Known(catalog));
            }
        }

        Assert.False(_values.AwaitsNames);
    }

    [Theory]
    [InlineData("\"note\":\"hot\"")]
    [InlineData("\"at\":{\"co2\":5}")]
    [InlineData("\"\":5")]
    [InlineData("\"e\\u0301\":5")]
    [InlineData("\"a\\u0007\":5")]
    [InlineData("\"\\ud800\":5")]
    [InlineData("\"huge\":1e300")]
    public void A_message_without_a_measurement_stays_a_dead_letter(string members) =>
        Assert.Equal(RejectReason.NoMeasurement, Parse(Catalog(), members));

    [Fact]
    public void A_name_of_another_script_that_is_not_taken_costs_no_allocation()
    {
        var rules = new DiscoveryRules { Exclude = ["*"] };
        byte[][] names = [.. new[] { "Außentemperatur °C", "Температура", "温度", "온도" }.Select(Encoding.UTF8.GetBytes)];
        Assert.All(names, name => Assert.True(new DiscoveryRules().Cover(name)));
        CoverAll();
        var before = GC.GetAllocatedBytesForCurrentThread();
        CoverAll();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void CoverAll()
        {
            foreach (var name in names)
            {
                if (rules.Cover(name))
                {
                    Assert.Fail("An excluded name is covered.");
                }
            }
        }
    }

    [Fact]
    public void What_is_stable_is_in_normal_form() => Gen.Int[0, 0xFFFF].Where(Rune.IsValid).Select(value => new Rune(value))
        .Where(NormalForm.IsStable).Array[1, 6].Sample(
            runes =>
            {
                var text = string.Concat(runes.Select(rune => rune.ToString()));
                return NormalForm.Of(text) == text;
            },
            iter: 20_000);

    [Fact]
    public void Declared_measurements_stay_as_strict_as_they_were()
    {
        Assert.Equal(RejectReason.InvalidValue, Parse(Catalog(), "\"temperature\":true,\"co2\":5"));
        Assert.Equal(RejectReason.InvalidValue, Parse(Catalog(), "\"humidity\":1000,\"co2\":5"));
        Assert.Equal(RejectReason.NoMeasurement, Parse(Catalog(DiscoveryRules.None), "\"co2\":5"));
    }

    [Theory]
    [InlineData("*", "", "co2 seq uptime_s")]
    [InlineData("*", "seq uptime*", "co2")]
    [InlineData("co? seq", "", "co2 seq")]
    [InlineData("CO2", "", "")]
    public void Patterns_say_which_members_count(string include, string exclude, string expected)
    {
        var catalog = Catalog(new() { Include = [.. Words(include)], Exclude = [.. Words(exclude)] });
        Parse(catalog, "\"temperature\":1,\"co2\":1,\"seq\":1,\"uptime_s\":1");
        Assert.Equal(["temperature", .. Words(expected)], Names(catalog));
    }

    [Fact]
    public void A_reading_waits_until_the_names_of_its_measurements_are_stored()
    {
        var catalog = Catalog();
        Parse(catalog, "\"temperature\":1");
        Assert.Equal((false, false), (_values.AwaitsNames, _values.HasDiscovered(2)));
        Parse(catalog, "\"co2\":1");
        Assert.Equal((true, true), (_values.AwaitsNames, _values.HasDiscovered(2)));
        Assert.Equal(["co2"], Known(catalog));

        catalog.Admit(["co2"]);
        Parse(catalog, "\"co2\":1");
        Assert.Equal((false, true), (_values.AwaitsNames, _values.HasDiscovered(2)));
        Assert.Empty(Known(catalog));
    }

    [Fact]
    public void Beyond_the_limit_of_measurements_the_other_values_count()
    {
        var catalog = Catalog(new() { Max = 2 });
        catalog.Admit(["a"]);
        Parse(catalog, "\"a\":1,\"b\":2,\"c\":3,\"temperature\":4");
        Assert.Equal("a=1 temperature=4 b=2 c=3", Text(catalog));

        // Another silo was faster.
        catalog.Admit(["a", "c"]);
        Assert.False(catalog.IsTaken(catalog.NumberOf("b")));
        Parse(catalog, "\"a\":1,\"b\":2,\"c\":3,\"temperature\":4");
        Assert.Equal("a=1 c=3 temperature=4", Text(catalog));
        Parse(catalog, "\"b\":2,\"d\":3");
        Assert.Equal((2, "", "d"), (_values.Dropped, Text(catalog), Encoding.UTF8.GetString(_values.LastDropped)));
        Assert.Equal(5, catalog.All.Length);
        Assert.True(_values.AreLeftOut);
        Parse(catalog, "\"b\":2,\"temperature\":null");
        Assert.False(_values.AreLeftOut);
    }

    [Fact]
    public void A_dead_letter_and_a_reader_that_takes_nothing_new_leave_the_catalogue_as_it_is()
    {
        var catalog = Catalog();
        Assert.Equal(RejectReason.InvalidValue, Parse(catalog, "\"co2\":1,\"temperature\":\"hot\""));
        Assert.Equal(
            RejectReason.None,
            new ReadingParser(catalog, new()).Parse(
                """{"sensor_id":1,"timestamp":1732400000,"co2":1}"""u8, Parsing.Now, null, new(), out _));
        Assert.Equal(2, catalog.All.Length);
    }

    [Fact]
    public void Names_that_are_never_stored_do_not_grow_the_catalogue_without_limit()
    {
        var catalog = Catalog(new() { Max = 10 });
        for (var i = 0; i < 100; i++)
        {
            Parse(catalog, $"\"m{i}\":1");
        }

        Assert.Equal(22, catalog.All.Length);
        Assert.Equal("m99", Encoding.UTF8.GetString(_values.LastDropped));
    }

    [Fact]
    public void A_reading_has_so_many_values_and_those_of_declared_measurements()
    {
        var catalog = Catalog();
        var members = string.Join(",", Enumerable.Range(0, 70).Select(i => $"\"m{i}\":{i}"));
        for (var round = 0; round < 2; round++)
        {
            Parse(catalog, $"{members},\"humidity\":5,\"temperature\":6,\"m3\":33");
            Assert.Equal((64, 8), (_values.All.Length, _values.Dropped));
            var values = _values.All.ToArray().ToDictionary(value => catalog.NameOf(value.Measurement), value => value.Value);
            Assert.Equal((33, 61, 5, 6), (values["m3"], values["m61"], values["humidity"], values["temperature"]));
            catalog.Admit(Known(catalog));
        }
    }

    [Fact]
    public void Messages_with_stored_names_are_parsed_without_allocation()
    {
        var catalog = Catalog();
        var parser = new ReadingParser(catalog, new());
        catalog.Admit(["co2", "door"]);
        ParseOften(1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        ParseOften(1000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void ParseOften(int times)
        {
            for (; times > 0; times--)
            {
                parser.Parse("""{"sensor_id":1,"timestamp":1732400000,"co2":412,"door":true}"""u8, Parsing.Now, null, _values, out _);
                parser.Parse("""{"sensor_id":1,"timestamp":1732400000,"door":false,"co2":4,"n":""}"""u8, Parsing.Now, null, _values, out _);
            }
        }
    }

    [Fact]
    public void A_name_that_only_rows_have_gets_a_number_and_counts_when_it_is_stored()
    {
        var catalog = Catalog();
        var number = catalog.NumberOf("old");
        Assert.Equal((2, MeasurementState.Known), (number, catalog.All[number].State));
        Parse(catalog, "\"old\":1");
        Assert.Equal(number, _values.All[0].Measurement);
        catalog.Admit(["old"]);
        Assert.Equal(number, catalog.NumberOf("old"));
        Assert.Equal((number, MeasurementState.Admitted), (catalog.NumberOf("old"), catalog.All[number].State));
        Assert.Equal((0, 1), (catalog.NumberOf("temperature"), catalog.NumberOf("humidity")));
    }

    private static MeasurementCatalog Catalog(DiscoveryRules? rules = null) => new(MeasurementSet.Default, rules ?? new());

    private static string[] Known(MeasurementCatalog catalog) =>
        [.. catalog.All.Where(known => known.State == MeasurementState.Known).Select(known => known.Name)];

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private RejectReason Parse(MeasurementCatalog catalog, string members)
    {
        var json = Encoding.UTF8.GetBytes($$"""{"sensor_id":7,"timestamp":1732400000,{{members}}}""");
        return new ReadingParser(catalog, new()).Parse(json, Parsing.Now, null, _values, out _);
    }

    private string[] Names(MeasurementCatalog catalog) =>
        Array.ConvertAll(_values.All.ToArray(), value => catalog.NameOf(value.Measurement));

    private string Text(MeasurementCatalog catalog) => string.Join(
        ' ', _values.All.ToArray().Select(value => FormattableString.Invariant($"{catalog.NameOf(value.Measurement)}={value.Value}")));
}
