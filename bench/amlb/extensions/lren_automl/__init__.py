def run(dataset, config):
    from .exec import run as train_and_predict

    return train_and_predict(dataset, config)
