using System.Text;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Postgres;
using GrainSensors.Storage.Windows;
using Npgsql;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.Storage.Tests.Names;

[Trait("Category", "System")]
public sealed class PostgresSensorNameTests(PostgresServer server) : SensorNameTests
{
    private NpgsqlDataSource? _database;

    private NpgsqlDataSource Database => _database!;

    public override async ValueTask InitializeAsync()
    {
        _database = NpgsqlDataSource.Create(await server.CreateDatabaseAsync());
        await using var store = new PostgresWindowStore(Database);
        await store.PrepareAsync(Stop);
    }

    public override ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Database.DisposeAsync();
    }

    internal override SensorNames Open(SensorNamesOptions? options = null)
    {
        var life = new PostgresLife();
        return new(new PostgresSensorNames(Database, life, "test"), "test", () => life.Id, options);
    }

    /// <summary>A restored database has lost a name: an activation of before would write rows that belong to no sensor.</summary>
    [Fact]
    public async Task A_window_of_a_number_without_a_name_is_refused()
    {
        await using var store = new PostgresWindowStore(Database);
        var number = (await NumbersAsync(store.Names, "boiler"))[0];
        var lost = Row(sensor: number == -7 ? -8 : -7, token: 2);
        var outcomes = await store.WriteAsync([Row(sensor: number).Write(), lost.Write(), Row(sensor: 3).Write()], Stop);

        Assert.Equal([WriteOutcome.Written, WriteOutcome.Refused, WriteOutcome.Written], outcomes);
        Assert.Empty(await store.ReadAsync(lost));
        Assert.Single(await store.ReadAsync([new WindowId(number, Period.Default, Start)], Stop));
    }

    /// <summary>A sequence would be restored, too, and give the lost number to the next name.</summary>
    [Theory]
    [InlineData(true, WriteOutcome.Refused)]
    [InlineData(false, WriteOutcome.Written)]
    public async Task A_window_of_a_lost_name_is_not_taken_for_one_of_another_name_because_numbers_are_random(
        bool isRandom, WriteOutcome expected)
    {
        var options = isRandom ? new() : new SensorNamesOptions { NewNumber = () => -2 };
        var lost = (await NumbersAsync(Open(options), "boiler"))[0];
        await Database.ExecuteAsync("DELETE FROM sensor_names");
        await NumbersAsync(Open(options), "pump");

        await using var store = new PostgresWindowStore(Database);
        Assert.Equal(expected, await store.WriteAsync(Row(sensor: lost)));
    }

    [Fact]
    public async Task The_normal_form_of_names_is_that_of_PostgreSQL()
    {
        var random = new Random(22);
        var runes = Enumerable.Range(0x20, 0x2_FA20).Where(Rune.IsValid).Select(value => new Rune(value))
            .Where(rune => !Rune.IsControl(rune)).ToArray();
        Rune[] marks = [.. runes.Where(rune => Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.NonSpacingMark
            or System.Globalization.UnicodeCategory.SpacingCombiningMark)];
        Rune[] letters = [.. runes.Where(rune => rune.Value is < 0x2000 or (>= 0x1100 and < 0x1200) or (>= 0xAC00 and < 0xAE00))];
        var texts = runes.Select(rune => rune.ToString()).Concat(Enumerable.Range(0, 200_000).Select(_ => string.Concat(
            Enumerable.Range(0, random.Next(2, 5)).Select(_ => Pick(random.Next(2) == 0 ? marks : letters).ToString())))).ToArray();
        Rune Pick(Rune[] all) => all[random.Next(all.Length)];

        await using var command = Database.CreateCommand(
            "SELECT t IS NFC NORMALIZED FROM unnest($1) WITH ORDINALITY AS u (t, n) ORDER BY n");
        command.Parameters.Add(new() { Value = texts });
        var (at, different) = (0, new List<string>());
        await using var reader = await command.ExecuteReaderAsync(Stop);
        while (await reader.ReadAsync(Stop))
        {
            var text = texts[at++];
            if (SensorName.TryParse(Encoding.UTF8.GetBytes(text), out _) != reader.GetBoolean(0))
            {
                different.Add(string.Join(' ', text.EnumerateRunes().Select(rune => $"{rune.Value:X4}")));
            }
        }

        Assert.Equal(texts.Length, at);
        Assert.Empty(different);
    }

    protected override Task<List<object?[]>> SelectAsync(string sql) => Database.SelectAsync(sql);
}
