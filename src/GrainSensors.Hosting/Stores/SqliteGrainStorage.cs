using GrainSensors.Storage.Sqlite;
using Orleans.Serialization;
using Orleans.Storage;

namespace GrainSensors.Hosting.Stores;

/// <summary>Orleans' grain storage in the SQLite file of a single silo.</summary>
internal sealed class SqliteGrainStorage(SqliteGrainStates states, Serializer serializer) : IGrainStorage
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var kept = await states.ReadAsync(grainId.ToString(), stateName);
        (grainState.RecordExists, grainState.ETag) = (kept is not null, kept?.Version!);
        grainState.State = kept is { } found ? serializer.Deserialize<T>(found.Payload)! : Activator.CreateInstance<T>();
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var payload = serializer.SerializeToArray(grainState.State);
        grainState.ETag = await states.WriteAsync(grainId.ToString(), stateName, grainState.ETag, payload)
            ?? throw Stale(stateName, grainId, grainState.ETag);
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (grainState.ETag is not null && !await states.ClearAsync(grainId.ToString(), stateName, grainState.ETag))
        {
            throw Stale(stateName, grainId, grainState.ETag);
        }

        (grainState.RecordExists, grainState.ETag, grainState.State) = (false, null!, Activator.CreateInstance<T>());
    }

    private static InconsistentStateException Stale(string stateName, GrainId grainId, string? version) =>
        new($"The state {stateName} of {grainId} was changed by another writer.", "another", version ?? "none");
}
