using System.Globalization;
using System.Text;
using GrainSensors.Core.Readings;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Postgres;
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

    [Fact]
    public async Task A_view_shows_windows_with_the_names_of_their_sensors()
    {
        await using var store = new PostgresWindowStore(Database);
        var number = (await NumbersAsync(store.Names, "boiler"))[0];
        await store.WriteAsync([Row(sensor: number).Write(), Row(sensor: 3).Write()], Stop);
        var named = await SelectAsync("SELECT sensor, sensor_id FROM sensor_windows_named ORDER BY sensor");
        Assert.Equal([("3", 3), ("boiler", number)], named.Select(row => ((string)row[0]!, (int)row[1]!)).Distinct());
    }

    [Fact]
    public async Task The_normal_form_of_names_is_that_of_PostgreSQL()
    {
        var random = new Random(22);
        var runes = Enumerable.Range(0x20, 0x2_FA20).Where(Rune.IsValid).Select(value => new Rune(value))
            .Where(rune => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format)).ToArray();
        Rune[] marks = [.. runes.Where(rune => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark
            or UnicodeCategory.SpacingCombiningMark)];
        Rune[] letters = [.. runes.Where(rune => rune.Value is < 0x2000 or (>= 0x1100 and < 0x1200) or (>= 0xAC00 and < 0xAE00))];
        var texts = runes.Select(rune => rune.ToString()).Concat(Enumerable.Range(0, 200_000).Select(_ => string.Concat(
            Enumerable.Range(0, random.Next(2, 5)).Select(_ => Pick(random.Next(2) == 0 ? marks : letters).ToString())))).ToArray();
        Rune Pick(Rune[] all) => all[random.Next(all.Length)];

        await using var command = Database.CreateCommand(
            "SELECT normalize(t, NFC) FROM unnest($1) WITH ORDINALITY AS u (t, n) ORDER BY n");
        command.Parameters.Add(new() { Value = texts });
        var (at, different) = (0, new List<string>());
        await using var reader = await command.ExecuteReaderAsync(Stop);
        while (await reader.ReadAsync(Stop))
        {
            var text = texts[at++];
            if (!SensorName.TryParse(Encoding.UTF8.GetBytes(text), out var name) || name != reader.GetString(0))
            {
                different.Add(string.Join(' ', text.EnumerateRunes().Select(rune => $"{rune.Value:X4}")));
            }
        }

        Assert.Equal(texts.Length, at);
        Assert.Empty(different);
    }

    protected override Task<List<object?[]>> SelectAsync(string sql) => Database.SelectAsync(sql);
}
