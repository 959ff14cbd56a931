using GrainSensors.Storage.Names;
using GrainSensors.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Tests.Names;

public sealed class SqliteSensorNameTests : SensorNameTests
{
    private readonly TemporaryDirectory _directory = new();
    private SqliteAccess? _access;

    private string FilePath => Path.Combine(_directory.Path, "windows.db");

    public override async ValueTask InitializeAsync()
    {
        await using (var store = new SqliteWindowStore(FilePath))
        {
            await store.PrepareAsync(Stop);
        }

        _access = new(new(FilePath), TimeProvider.System);
    }

    public override async ValueTask DisposeAsync()
    {
        await _access!.DisposeAsync();
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    internal override SensorNames Open(SensorNamesOptions? options = null)
    {
        var life = Guid.NewGuid();
        return new(new SqliteSensorNames(_access!, TimeProvider.System, () => Task.FromResult(life)), "test", () => life, options);
    }

    [Fact]
    public async Task A_store_that_was_not_prepared_by_this_process_finds_names()
    {
        var numbers = await NumbersAsync(Open(), "boiler");
        await _access!.DisposeAsync();
        await using var store = new SqliteWindowStore(FilePath);
        Assert.Equal(["boiler"], await store.Names.NamesOfAsync(numbers, Stop));
        Assert.Equal(numbers, await NumbersAsync(store.Names, "boiler"));
        _access = new(new(FilePath), TimeProvider.System);
    }

    protected override Task<List<object?[]>> SelectAsync(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={FilePath};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        var rows = new List<object?[]>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetValue)]);
        }

        return Task.FromResult(rows);
    }
}
