namespace GrainSensors.Reconciliation.Model;

/// <summary>A reconciliation cannot run. The message is a sentence that names the cause and holds no secret.</summary>
public sealed class ReconciliationException : Exception
{
    public ReconciliationException()
    {
    }

    public ReconciliationException(string message)
        : base(message)
    {
    }

    public ReconciliationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public ReconciliationException(string message, ReconciliationFault fault, Exception? innerException = null)
        : base(message, innerException)
    {
        Fault = fault;
    }

    /// <summary>The kind of the cause, from which a command derives what to do.</summary>
    public ReconciliationFault Fault { get; }
}

/// <summary>Why a reconciliation cannot run.</summary>
public enum ReconciliationFault
{
    /// <summary>A fault without a value of its own; the message describes it.</summary>
    Other = 0,

    /// <summary>The local engine's database stopped, most likely because memory or disk space ran out.</summary>
    LocalEngineFailed,

    /// <summary>No folder of a Spark installation is configured.</summary>
    SparkNotConfigured,

    /// <summary>The configured folder is not a Spark installation.</summary>
    SparkNotFound,

    /// <summary>The folder of the job does not hold the job's assembly.</summary>
    JobNotFound,

    /// <summary>The microsoft-spark jar for this version of Spark is missing.</summary>
    DotnetJarNotFound,

    /// <summary>A jar of Spark's Kafka source is missing.</summary>
    KafkaJarNotFound,

    /// <summary>The jar of PostgreSQL's JDBC driver is missing.</summary>
    PostgresJarNotFound,
}
