namespace GrainSensors.Grains.Alerts;

/// <summary>The durable state of a shard. A write succeeds only if the state is the one that was last read or written here.</summary>
internal interface IShardStorage
{
    /// <param name="watches">The bytes of the watches. The next write reuses the array; an implementation must not keep it.</param>
    /// <returns>False if another activation has written since.</returns>
    Task<bool> WriteAsync(byte[] marks, byte[] watches);
}
