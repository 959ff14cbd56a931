using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>Positional parameters with explicit PostgreSQL types.</summary>
internal static class PostgresParameters
{
    public static NpgsqlParameterCollection Add<T>(this NpgsqlParameterCollection parameters, NpgsqlDbType type, T value)
    {
        parameters.Add(new NpgsqlParameter<T> { NpgsqlDbType = type, TypedValue = value });
        return parameters;
    }

    public static NpgsqlParameterCollection AddArray<T>(this NpgsqlParameterCollection parameters, NpgsqlDbType elements, T[] values) =>
        parameters.Add(NpgsqlDbType.Array | elements, values);

    /// <param name="micros">µs since the epoch.</param>
    public static NpgsqlParameterCollection AddTime(this NpgsqlParameterCollection parameters, long micros) =>
        parameters.Add(NpgsqlDbType.TimestampTz, PostgresTime.ToRaw(micros));

    /// <param name="micros">µs since the epoch, or null.</param>
    public static NpgsqlParameterCollection AddTime(this NpgsqlParameterCollection parameters, long? micros) =>
        micros is { } given ? parameters.AddTime(given) : parameters.Add(NpgsqlDbType.TimestampTz, (object)DBNull.Value);
}
