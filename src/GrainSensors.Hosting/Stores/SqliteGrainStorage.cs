using GrainSensors.Storage.Sqlite;
using Orleans.Serialization;
using Orleans.Storage;

namespace GrainSensors.Hosting.Stores;

/// <summary>Orleans' grain storage in the SQLite file of a silo that is by itself.</summary>
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
        grainState.ETag = await states.WriteAsync(grainId.ToString(), stateName, grainState.ETag, serializer.SerializeToArray(grainState.State))
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
        new($"The state {stateName} of {grainId} is of another version by now.", "another", version ?? "none");
}
