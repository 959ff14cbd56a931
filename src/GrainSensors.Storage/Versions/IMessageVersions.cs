using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Versions;

/// <summary>The table <c>message_versions</c>: what decided the meaning of the messages of a source, from which offset.</summary>
/// <exception cref="WindowStoreUnavailableException">The store cannot be reached or refuses the statement. Call again.</exception>
public interface IMessageVersions
{
    /// <summary>
    /// Sets the only version of a source that has no checkpoint, so that no message of it was ever read. Nothing happens to another one.
    /// </summary>
    Task BeginAsync(SourceId source, MessageVersion version, CancellationToken cancellationToken);

    /// <summary>
    /// Adds a version of a source, unless the last one has the same meaning and begins no later. The first version begins at offset 0:
    /// what earlier releases have read counts as read by it.
    /// </summary>
    /// <param name="token">The checkpoint that the source must have, so that only its owner adds a version; null: any, or none.</param>
    Task AddAsync(SourceId source, MessageVersion version, long? token, CancellationToken cancellationToken);

    /// <returns>The versions of the topic's partitions, in the order in which they were added.</returns>
    Task<IReadOnlyList<(int Partition, MessageVersion Version)>> ReadAsync(Guid topicId, CancellationToken cancellationToken);
}

/// <summary>A version of what messages mean.</summary>
/// <param name="FirstOffset">The first message that may have been read by it.</param>
/// <param name="SettledOffset">The first message that can be read by it only. Below, the version before may have been used.</param>
/// <param name="Meaning">JSON that decides what a message means.</param>
public sealed record MessageVersion(long FirstOffset, long SettledOffset, string Meaning);
