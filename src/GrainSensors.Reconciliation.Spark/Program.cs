using GrainSensors.Reconciliation.Spark;
using GrainSensors.Reconciliation.Spark.Job;

if (args is not [var file])
{
    Console.Error.WriteLine(
        "grainsensors reconcile --engine spark starts this program through spark-submit, with the file of the job's options.");
    return 2;
}

WindowsJob.Run(JobOptions.Parse(File.ReadAllText(file)));
return 0;
